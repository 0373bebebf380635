"""A speaker: one frame a tick, as whatever the card asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.audio import Resampler, to_float, to_pcm
from soundstage.devices._playout import Playout
from soundstage.units import SAMPLE_RATE

if TYPE_CHECKING:
    from soundstage.devices._card import Card, Choice, OpenStream


class Speaker:
    """Plays from the moment it is made, silence at first; making it may take a while.

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
        self._playout: Playout | None = None
        self._stream: OpenStream = card.play(choice, self._fill)
        rate = self._stream.rate
        self._resampler = None if rate == SAMPLE_RATE else Resampler(SAMPLE_RATE, rate)
        self._playout = Playout(rate)

    @property
    def name(self) -> str:
        """The device's name."""
        return self._stream.name

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
        if self._resampler is not None:
            pcm = to_pcm(self._resampler.push(to_float(pcm)))
        if self._playout is not None:
            self._playout.put(pcm)

    def close(self) -> None:
        """Release the device; may take a while."""
        self._stream.close()

    def _fill(self, out: memoryview) -> None:
        self.blocks += 1
        if self._playout is None:  # the card may ask before its rate is known
            out[:] = bytes(len(out))
        else:
            self._playout.fill(out)
