"""A microphone and a speaker of a sound card, one frame a tick each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from soundstage.audio import FrameCutter, JitterBuffer, Resampler, to_float, to_pcm
from soundstage.devices.card_buffers import Playout, Ring
from soundstage.units import FRAME_BYTES, SAMPLE_BYTES, SAMPLE_RATE

if TYPE_CHECKING:
    from soundstage.devices.sound_card import Card, Choice, OpenStream

_HOLDS: Final = 2 * 48_000 * SAMPLE_BYTES
"""Two seconds of the fastest usual card: an actor that is later than that has other troubles."""


class _Device:
    """What a microphone and a speaker have in common.

    Attributes:
        blocks: how often the card has called; a card that has gone calls no more.
    """

    _stream: OpenStream

    def __init__(self) -> None:
        self.blocks = 0

    @property
    def name(self) -> str:
        """The device's name."""
        return self._stream.name

    def close(self) -> None:
        """Release the device; may take a while."""
        self._stream.close()


class _Converter:
    """Converts mono PCM from one rate to another, piece by piece."""

    def __init__(self, source: int, target: int) -> None:
        self._resampler = None if source == target else Resampler(source, target)

    def push(self, pcm: bytes) -> bytes:
        """The next piece, at the other rate."""
        if self._resampler is None or not pcm:
            return pcm
        return to_pcm(self._resampler.push(to_float(pcm)))


class Microphone(_Device):
    """Records from the moment it is made; making it may take a while.

    Args:
        card: the card that has the device.
        choice: which device.

    Raises:
        DeviceMissing: there is no such device, or it cannot be used.
    """

    def __init__(self, card: Card, choice: Choice) -> None:
        super().__init__()
        self._ring = Ring(_HOLDS)
        self._jitter = JitterBuffer()
        self._cutter = FrameCutter()
        self._stream = card.record(choice, self._take)
        self._converter = _Converter(self._stream.rate, SAMPLE_RATE)

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
        for frame in self._cutter.push(self._converter.push(self._ring.take())):
            self._jitter.put(frame)
        return self._jitter.take()

    def _take(self, block: memoryview) -> None:
        self.blocks += 1
        self._ring.put(block)


class Speaker(_Device):
    """Plays from the moment it is made, silence at first; making it may take a while.

    Args:
        card: the card that has the device.
        choice: which device.

    Raises:
        DeviceMissing: there is no such device, or it cannot be used.
    """

    def __init__(self, card: Card, choice: Choice) -> None:
        super().__init__()
        self._playout: Playout | None = None
        self._stream = card.play(choice, self._fill)
        self._converter = _Converter(SAMPLE_RATE, self._stream.rate)
        self._playout = Playout(self._stream.rate)

    @property
    def dropped(self) -> int:
        """Frames left out because too many waited."""
        return self._playout.dropped if self._playout is not None else 0

    @property
    def concealed(self) -> int:
        """Gaps of silence because too little waited."""
        return self._playout.concealed if self._playout is not None else 0

    def play(self, pcm: bytes) -> None:
        """The frame of this tick."""
        if self._playout is not None:
            self._playout.put(self._converter.push(pcm))

    def _fill(self, out: memoryview) -> None:
        self.blocks += 1
        if self._playout is None:  # the card may ask before its rate is known
            out[:] = bytes(len(out))
        else:
            self._playout.fill(out)
