"""Who sits where."""

from __future__ import annotations

from enum import Enum
from typing import Any


class State(Enum):
    """What becomes of a seat."""

    FREE = "free"
    JOINING = "joining"
    SEATED = "seated"
    AWAY = "away"


class Seat:
    """One place in the room.

    Attributes:
        number: counts from 1.
        state: whether it is taken.
        visit: whose it is: an id that a visitor's page keeps while it is reloaded.
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
