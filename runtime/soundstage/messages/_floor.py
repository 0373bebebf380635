"""The floor of a room: whose turn it is to speak."""

from __future__ import annotations

from msgspec import Struct

from soundstage.units import Samples


class TakeFloor(Struct, frozen=True, gc=False):
    """The receiver may speak now; once it has spoken it logs `FloorPassed`.

    Attributes:
        room: whose floor it is.
        after: who spoke before, whom it answers; empty where nobody did.
        ended: when that one's last frame had been played, in samples of the run.
    """

    room: str
    after: str = ""
    ended: Samples = 0


class LoseFloor(Struct, frozen=True, gc=False):
    """The receiver may speak no longer: it stops, and logs `FloorPassed`.

    Attributes:
        by: what takes it, `max_turn` or `late`.
    """

    by: str
