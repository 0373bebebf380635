"""A microphone: whatever the card records, as one frame a tick."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from soundstage.audio import FrameCutter, JitterBuffer, Resampler, to_float, to_pcm
from soundstage.devices._ring import Ring
from soundstage.units import FRAME_BYTES, SAMPLE_BYTES, SAMPLE_RATE

if TYPE_CHECKING:
    from soundstage.devices._card import Card, Choice, OpenStream

_HOLDS: Final = 2 * 48_000 * SAMPLE_BYTES
"""Two seconds of the fastest usual card: an actor that is later than that has other troubles."""


class Microphone:
    """Records from the moment it is made; making it may take a while.

    Args:
        card: whose device it is.
        choice: which one.

    Attributes:
        blocks: how often the card has called; one that has gone calls no more.

    Raises:
        DeviceMissing: there is no such device, or it cannot be used.
    """

    def __init__(self, card: Card, choice: Choice) -> None:
        self.blocks = 0
        self._ring = Ring(_HOLDS)
        self._jitter = JitterBuffer()
        self._cutter = FrameCutter()
        self._stream: OpenStream = card.record(choice, self._take)
        rate = self._stream.rate
        self._resampler = None if rate == SAMPLE_RATE else Resampler(rate, SAMPLE_RATE)

    @property
    def name(self) -> str:
        """The device's name."""
        return self._stream.name

    @property
    def concealed(self) -> int:
        """Frames made up because the card had recorded too little."""
        return self._jitter.concealed

    @property
    def dropped(self) -> int:
        """Frames thrown away because the card had recorded too much."""
        return self._jitter.dropped + self._ring.lost // FRAME_BYTES

    def take(self) -> bytes:
        """The frame of this tick."""
        pcm = self._ring.take()
        if self._resampler is not None and pcm:
            pcm = to_pcm(self._resampler.push(to_float(pcm)))
        for frame in self._cutter.push(pcm):
            self._jitter.put(frame)
        return self._jitter.take()

    def close(self) -> None:
        """Release the device; may take a while."""
        self._stream.close()

    def _take(self, block: memoryview) -> None:
        self.blocks += 1
        self._ring.put(block)
