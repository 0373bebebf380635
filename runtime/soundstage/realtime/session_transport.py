"""How the owner of a session reaches the other end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

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
