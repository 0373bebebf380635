"""What becomes of the visitors of a page, as its owner is told."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct


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
    """A visitor's connection has gone; the seat is kept for a moment, for them alone."""

    seat: int


class VisitorLeft(Struct, frozen=True, gc=False):
    """A visitor has left for good, and the seat is free.

    Attributes:
        seat: counts from 1.
        reason: `left` (said so), `closed` (the page is gone) or `lost` (nothing came any more).
    """

    seat: int
    reason: str
