"""The audience: everyone who follows a run while it happens."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from soundstage.kernel import Actor, Address, handles
from soundstage.messages import Entry, Levels, Notice

EVERYTHING: Final = frozenset({Entry, Levels, Notice})


class Attend(Struct, frozen=True):
    """From now on this address is told what is shown.

    Attributes:
        who: the address.
        told: the messages that it takes.
    """

    who: Address
    told: frozenset[type] = EVERYTHING


class Audience(Actor):
    """Hands events, levels and notices on to all who attend, off everybody else's path."""

    def __init__(self) -> None:
        super().__init__()
        self._seated: list[Attend] = []

    @handles(Attend)
    def seat(self, attend: Attend) -> None:
        """One more who follows the run."""
        self._seated.append(attend)

    @handles(Entry)
    @handles(Levels)
    @handles(Notice)
    def pass_on(self, message: Entry | Levels | Notice) -> None:
        """Show it to everyone who takes it."""
        for attending in self._seated:
            if type(message) in attending.told:
                attending.who.tell(message)
