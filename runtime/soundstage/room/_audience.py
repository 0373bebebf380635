"""The audience: everyone who follows a run while it happens."""

from __future__ import annotations

from msgspec import Struct

from soundstage.kernel import Actor, Address, handles
from soundstage.messages import Entry, Levels, Notice


class Attend(Struct, frozen=True):
    """From now on this address is told everything that is shown."""

    who: Address


class Audience(Actor):
    """Hands events, levels and notices on to all who attend, off everybody else's path."""

    def __init__(self) -> None:
        super().__init__()
        self._seated: list[Address] = []

    @handles(Attend)
    def seat(self, attend: Attend) -> None:
        """One more who follows the run."""
        self._seated.append(attend.who)

    @handles(Entry)
    @handles(Levels)
    @handles(Notice)
    def pass_on(self, message: Entry | Levels | Notice) -> None:
        """Show it to everyone."""
        for address in self._seated:
            address.tell(message)
