"""Who follows a run from outside: a display, a window, a loudspeaker."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from msgspec import Struct

from soundstage.devices import MONITOR_LIMITS
from soundstage.kernel import Actor, Address, Kernel, Policy
from soundstage.messages import Entry, Levels, Notice
from soundstage.run.audience import Attend, Audience

_log = logging.getLogger("soundstage")

MakeWindow: TypeAlias = Callable[[Callable[[str], None]], Actor]

MakeMonitor: TypeAlias = Callable[[Address], Actor]


class Views(Struct, frozen=True):
    """How a run is to be followed.

    Attributes:
        display: makes the actor that shows it.
        window: makes another that shows it, given what tells the reader where to look.
        monitor: makes the actor that plays what is said, given the journal.
    """

    display: Callable[[], Actor] | None = None
    window: MakeWindow | None = None
    monitor: MakeMonitor | None = None


class Spectators:
    """The actors that follow a run.

    Args:
        views: which there are to be.
        kernel: where they live.
        journal: where those that fail say so.

    Attributes:
        audience: hands on what happens.
        monitor: plays what is said, or None.
        groups: all of them, in the order in which they are to be stopped.
    """

    def __init__(self, views: Views, kernel: Kernel, journal: Address) -> None:
        self._is_shown = views.display is not None
        self.audience = kernel.spawn("audience", Audience, policy=Policy(on_fault="end"))
        self.monitor: Address | None = None
        followers: list[Address] = []
        if views.display is not None:
            display = kernel.spawn("display", views.display)
            self.audience.tell(Attend(display))
            followers.append(display)
        if views.window is not None:
            window = kernel.spawn("window", partial(views.window, self.notify("")))
            self.audience.tell(Attend(window, frozenset({Entry, Levels})))
            followers.append(window)
        if views.monitor is not None:
            make = partial(views.monitor, journal)
            self.monitor = kernel.spawn("monitor", make, limits=MONITOR_LIMITS)
            followers.append(self.monitor)
        self.groups = [[self.audience], followers]

    def notify(self, agent: str) -> Callable[[str], None]:
        """What shows a line to whoever started the run, as coming from an agent."""
        if not self._is_shown:
            return lambda text: _log.warning("%s", text)
        return lambda text: self.audience.tell(Notice(agent, text))
