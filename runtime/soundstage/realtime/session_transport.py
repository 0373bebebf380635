"""How the owner of a session reaches the other end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from soundstage.units import Samples

QUIET: Final = 4
"""Peaks up to this are silence: it is what silence becomes on its way through Opus."""


# An interface, so that the same session runs over a real call and on the simulated clock.
class SessionTransport(Protocol):
    """A call to a Realtime endpoint: events and audio, both ways.

    What comes is posted as `TransportOpened`, `TransportEvent` and `TransportLost`; none of the
    methods waits.
    """

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

    def open(self, post: Callable[[object], None]) -> None:
        """Begin to call."""
        ...

    def send(self, event: bytes) -> None:
        """Send one event, as JSON."""
        ...

    def play(self, pcm: bytes) -> None:
        """Let the other end hear the frame of this tick."""
        ...

    def take(self) -> bytes:
        """The other end's frame for this tick."""
        ...

    def close(self) -> None:
        """Hang up; harmless when it has been done."""
        ...


@runtime_checkable
class ForeseeingTransport(SessionTransport, Protocol):
    """A transport that knows what will come of it in the next ticks, if nothing else happens.

    None of these methods waits, and the first three change nothing.
    """

    def foresee(self, now: Samples, most: int) -> list[bytes]:
        """The frames that `take` will give from this time on: in these ticks only words are told.

        Words are those of a reply, in the deltas of its transcript or its text.
        """
        ...

    def foresee_words(self, now: Samples, most: int) -> Sequence[int]:
        """In which of these ticks, counted from 0, any words are told."""
        ...

    def foresee_hearing(self, frames: Sequence[bytes]) -> int:
        """How many of these frames, as they are played next, mean nothing to the session."""
        ...

    def skip(self, now: Samples, ticks: int) -> None:
        """So many ticks pass, the first one at this time, whose frames were foreseen."""
        ...

    def play_block(self, frames: Sequence[bytes]) -> None:
        """Let the other end hear the frames of these ticks."""
        ...
