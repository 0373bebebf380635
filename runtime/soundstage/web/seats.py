"""The seats of a page: which visitor has one, and what its owner is told of the visitors."""

from __future__ import annotations

from enum import Enum
from typing import Any, Protocol

from msgspec import Struct


class State(Enum):
    """Whether a seat is taken."""

    FREE = "free"
    JOINING = "joining"
    SEATED = "seated"
    AWAY = "away"


class Seat:
    """One place in the room.

    Attributes:
        number: counts from 1.
        state: whether it is taken, and by a visitor that is here.
        visit: the id of the visitor that has it, which their page keeps while it is reloaded.
        muted: whether the visitor has switched the microphone off.
        was_seated: whether the visit has been connected at any time.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.clear()

    def clear(self) -> None:
        """Free the seat."""
        self.state = State.FREE
        self.visit = ""
        self.muted = False
        self.was_seated = False

    def shown(self) -> dict[str, Any]:
        """The seat as the page shows it; the visit's id is the visitor's own."""
        return {"seat": self.number, "state": self.state.value, "muted": self.muted}


class Seats:
    """All places of a page.

    Args:
        count: how many there are.
    """

    def __init__(self, count: int) -> None:
        self._seats = [Seat(number + 1) for number in range(count)]

    def of(self, visit: str) -> Seat | None:
        """The seat that a visit has."""
        return next((seat for seat in self._seats if seat.visit == visit), None)

    def take(self, visit: str) -> Seat | None:
        """The seat that a visit has, or else a free one; None where all are taken."""
        seat = self.of(visit) or self.of("")
        if seat is not None:
            seat.visit = visit
            seat.state = State.JOINING
        return seat

    def shown(self) -> list[dict[str, Any]]:
        """All seats as the page shows them."""
        return [seat.shown() for seat in self._seats]


class Voice(Protocol):
    """A visitor's sound, both ways; `take` and `play` may be called from one other thread."""

    @property
    def concealed(self) -> int:
        """Frames made up because none had come."""
        ...

    @property
    def dropped(self) -> int:
        """Frames thrown away because too many waited."""
        ...

    @property
    def late(self) -> int:
        """Packets that came too late to be played."""
        ...

    def take(self) -> bytes:
        """The visitor's frame of this tick."""
        ...

    def play(self, pcm: bytes) -> None:
        """Let the visitor hear the frame of this tick."""
        ...


class VisitorSeated(Struct, frozen=True):
    """A visitor is connected: for the first time, or again after having been away.

    Attributes:
        seat: counts from 1.
        voice: the visitor's sound.
    """

    seat: int
    voice: Voice


class VisitorAway(Struct, frozen=True, gc=False):
    """A visitor's connection has gone; the seat is kept for a moment, for this visitor alone."""

    seat: int


class VisitorLeft(Struct, frozen=True, gc=False):
    """A visitor has left for good, and the seat is free.

    Attributes:
        seat: counts from 1.
        reason: `left` (said so), `closed` (the page is gone) or `lost` (nothing came any more).
    """

    seat: int
    reason: str
