"""A window on a run: the same page as visitors see, for watching only."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct

from soundstage.kernel import Actor, handles
from soundstage.messages import Entry, Levels
from soundstage.messages.events import RunEnded
from soundstage.units import samples_of_seconds
from soundstage.web.page_server import PageServer

if TYPE_CHECKING:
    from collections.abc import Callable

CLOSES_WITHIN = samples_of_seconds(0.5)


class _Open(Struct, frozen=True):
    link: str


class _Closed(Struct, frozen=True):
    pass


class _Failed(Struct, frozen=True):
    error: Exception


class Window(Actor):
    """Shows the whole run to each browser that has the link.

    Args:
        title: the scenario's.
        notify: shows the link to the user that started the run.
    """

    auto_ready: ClassVar[bool] = False

    def __init__(self, title: str, notify: Callable[[str], None]) -> None:
        super().__init__()
        self._notify = notify
        self._page = PageServer(title)
        self._last = "The scenario has ended."

    def started(self) -> None:
        """Open the window."""
        self.run_async(self._page.start(), result=_Open, error=_Failed)

    @handles(_Open)
    def say_where(self, opened: _Open) -> None:
        """The page can be looked at."""
        self.ready()
        self._notify(f"watch at {opened.link}")

    @handles(_Failed)
    def say_why_not(self, failed: _Failed) -> None:
        """The run goes on without its window."""
        self._notify(f"there is no window to watch: {failed.error}")
        self.finish()

    @handles(Entry)
    def show(self, entry: Entry) -> None:
        """Show what happened."""
        self.portal.call(self._page.show, entry.event)
        if isinstance(entry.event, RunEnded):
            self._last = f"The scenario has ended ({entry.event.reason})."

    @handles(Levels)
    def measure(self, levels: Levels) -> None:
        """Show how loud it is."""
        self.portal.call(self._page.show_levels, levels.pts, levels.peaks)

    def stopping(self) -> None:
        """Say goodbye to the pages that watch."""
        closing = self._page.close(self._last, CLOSES_WITHIN)
        self.run_async(closing, result=lambda _: _Closed(), error=lambda _: _Closed())

    @handles(_Closed)
    def end(self, _: _Closed) -> None:
        """The window is shut."""
        self.finish()
