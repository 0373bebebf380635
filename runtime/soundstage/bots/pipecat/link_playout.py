"""What a caller hears of a bot over WebRTC, where a jitter buffer is the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.bots.playout_clock import PlayoutFigures
from soundstage.units import FRAME_SAMPLES, SILENCE

if TYPE_CHECKING:
    from soundstage.units import Samples
    from soundstage.webrtc import PeerLink


class LinkPlayout:
    """Takes the frames of a tick from a peer connection, which comes at the pace of speech.

    Attributes:
        link: the connection, once there is one.
    """

    def __init__(self) -> None:
        self.link: PeerLink | None = None
        self._received: Samples = 0

    @property
    def figures(self) -> PlayoutFigures:
        """What was dropped because too much waited, and made up because nothing had come."""
        link = self.link
        if link is None:
            return PlayoutFigures()
        return PlayoutFigures(
            received=self._received,
            dropped=link.dropped * FRAME_SAMPLES,
            underruns=link.concealed * FRAME_SAMPLES,
        )

    @property
    def waiting(self) -> Samples:
        """Nothing waits for longer than packets come late."""
        return 0

    def take(self) -> tuple[bytes, list[str]]:
        """The frame of this tick; there are no marks."""
        if self.link is None:
            return SILENCE, []
        self._received += FRAME_SAMPLES
        return self.link.take(), []

    def drop(self) -> Samples:
        """Nothing waits."""
        return 0
