"""The display: an actor that shows a run while it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from soundstage.kernel import Actor, handles
from soundstage.messages import Decided, Entry, Levels, Notice
from soundstage.units import samples_of_ms

if TYPE_CHECKING:
    from soundstage.messages import Verdict
    from soundstage.messages.events import Event
    from soundstage.units import Samples

REDRAW_EVERY = samples_of_ms(100)


class View(Protocol):
    """One way of showing a run."""

    def show(self, event: Event) -> None:
        """Something has happened."""
        ...

    def notice(self, text: str) -> None:
        """There is a line for the reader that is no event."""
        ...

    def decided(self, verdict: Verdict) -> None:
        """An expectation is decided; each is shown once, however often it is told."""
        ...

    def levels(self, peaks: dict[str, int]) -> None:
        """How loud each agent was lately: agent to peak sample value."""
        ...

    def draw(self, now: Samples) -> None:
        """Ten times a second."""
        ...

    def close(self) -> None:
        """The run is over."""
        ...


class _Redraw(Struct, frozen=True):
    pass


class Display(Actor):
    """Hands events and levels to a view, so that no other actor waits for it."""

    def __init__(self, view: View) -> None:
        super().__init__()
        self._view = view

    def started(self) -> None:
        """Draw for the first time in a moment."""
        self.after(REDRAW_EVERY, _Redraw())

    @handles(Entry)
    def show(self, entry: Entry) -> None:
        """Show what happened."""
        self._view.show(entry.event)

    @handles(Levels)
    def measure(self, levels: Levels) -> None:
        """Show how loud it is."""
        self._view.levels(levels.peaks)

    @handles(Notice)
    def notify(self, notice: Notice) -> None:
        """Show a line that is no event."""
        said = f"{notice.agent}: {notice.text}" if notice.agent else notice.text
        self._view.notice(said)

    @handles(Decided)
    def decide(self, decided: Decided) -> None:
        """Show what has become of an expectation."""
        self._view.decided(decided.verdict)

    @handles(_Redraw)
    def redraw(self, redraw: _Redraw) -> None:
        """Draw, and again in a moment."""
        self._view.draw(self.now)
        self.after(REDRAW_EVERY, redraw)

    def closed(self) -> None:
        """Give the terminal back, however the run ended."""
        self._view.close()
