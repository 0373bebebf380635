"""Packet loss concealment: what is heard where a packet was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from soundstage.units import FRAME_SAMPLES, SAMPLE_RATE, Samples

if TYPE_CHECKING:
    from soundstage.audio.effects.effect import Sound

_SHORTEST: Final = SAMPLE_RATE // 400
_LONGEST: Final = SAMPLE_RATE // 50
_COMPARED: Final = SAMPLE_RATE // 100
_REMEMBERED: Final = _LONGEST + 2 * _COMPARED
_JOINED: Final = SAMPLE_RATE // 250
_WHOLE: Final = 1 << 15


class Concealer:
    """Repeats the last pitch period, fading, as ITU-T G.711 Appendix I does.

    The first 10 ms of a gap are as loud as what went before, then it fades until 60 ms. Where
    sound comes again the two are faded into each other for 4 ms.
    """

    FADES: ClassVar[Samples] = SAMPLE_RATE * 60 // 1000
    _HOLDS: ClassVar[Samples] = SAMPLE_RATE * 10 // 1000

    def __init__(self) -> None:
        self._past = np.zeros(_REMEMBERED, np.float32)
        self._period = self._past[:0]
        self._gap: Samples = 0

    def take(self, sound: Sound) -> Sound:
        """A frame that has come."""
        if self._gap:
            made, sound = self._made(_JOINED), sound.copy()
            rising = np.linspace(0, 1, _JOINED, endpoint=False, dtype=np.float32)
            sound[:_JOINED] = made * (1 - rising) + sound[:_JOINED] * rising
            self._gap = 0
        self._past = np.concatenate((self._past, sound))[-_REMEMBERED:]
        return sound

    def conceal(self) -> Sound:
        """What is heard in a lost frame's place."""
        if not self._gap:
            self._period = self._past[-_pitch(self._past) :]
        made = self._made(FRAME_SAMPLES)
        self._gap += FRAME_SAMPLES
        return made

    def _made(self, length: Samples) -> Sound:
        """The next samples of the repeated period."""
        place = self._gap + np.arange(length)
        fading = 1 - (place - self._HOLDS) / (self.FADES - self._HOLDS)
        level = np.clip(fading, 0, 1).astype(np.float32)
        return self._period[place % len(self._period)] * level


def _pitch(past: Sound) -> int:
    """The lag at which the end of the past is most like what went before it."""
    # Whole numbers, so that the sums are exact and the choice is the same on every machine.
    whole = np.rint(np.clip(past, -1, 1) * _WHOLE).astype(np.float64)
    latest = whole[-_COMPARED:]
    before = whole[-_COMPARED - _LONGEST : -_SHORTEST]
    likeness = np.correlate(before, latest)
    energy = np.convolve(before * before, np.ones(_COMPARED), "valid")
    best = int(np.argmax(np.sign(likeness) * likeness**2 / (energy + 1)))
    return _LONGEST - best
