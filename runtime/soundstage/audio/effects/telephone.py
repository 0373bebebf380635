"""A telephone line: the narrow band, and the steps of G.711."""

from functools import lru_cache
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from soundstage.audio.effects.effect import Effect, EffectGiven, EffectSettings, Sound
from soundstage.units import FRAME_SAMPLES, SAMPLE_RATE, Samples

_THIRD: Final = 3
_HIGHEST: Final = 3400
_LOWEST: Final = 300
_TAPS_IN: Final = 481
_TAPS_OUT: Final = 241
_ONE: Final = 1 << 15


class Telephone(Effect):
    """The band from 300 to 3400 Hz, at 8 kHz and 8 bits a sample by ITU-T G.711.

    Sound comes out 15 ms later, the length of the filters on the way to 8 kHz and back.
    """

    class Settings(EffectSettings):
        """The keys of a telephone line.

        Attributes:
            codec: `pcmu` (µ-law, North America and Japan) or `pcma` (A-law, elsewhere).
        """

        codec: Literal["pcmu", "pcma"] = "pcmu"

    def __init__(self, settings: Any, given: EffectGiven) -> None:
        super().__init__(settings, given)
        self._steps = companded(settings.codec)
        self._wide = np.zeros(_TAPS_IN - 1)
        self._narrow = np.zeros(_TAPS_OUT // _THIRD)

    @property
    def tail(self) -> Samples:
        """The length of the filters."""
        return _TAPS_IN + _TAPS_OUT

    @property
    def lag(self) -> Samples:
        """Half the length of the filters."""
        return (_TAPS_IN + _TAPS_OUT) // 2 - 1

    def apply(self, sound: Sound) -> Sound:
        """The frame as it comes out at the far end."""
        wide = np.rint(np.clip(sound, -1, 1) * _ONE).astype(np.float64)
        narrow = self._steps[self._down(wide)]
        return (self._up(narrow) / _ONE).astype(np.float32)

    # Whole numbers all the way, so that every sum is exact, in whatever order it is made.

    def _down(self, wide: NDArray[np.float64]) -> NDArray[np.intp]:
        """A third of the samples, in the band; as places in a table of all 16-bit values."""
        line = np.concatenate((self._wide, wide))
        self._wide = line[-(_TAPS_IN - 1) :]
        taps = _band()
        total = np.zeros(FRAME_SAMPLES // _THIRD)
        for phase in range(_THIRD):
            every = taps[phase::_THIRD]
            part = line[_TAPS_IN - 1 - phase - _THIRD * (len(every) - 1) :: _THIRD]
            total += np.convolve(part[: len(total) + len(every) - 1], every, "valid")
        narrow: NDArray[np.float64] = np.clip(np.rint(total / _ONE), -_ONE, _ONE - 1)
        return narrow.astype(np.intp) + _ONE

    def _up(self, narrow: NDArray[np.float64]) -> NDArray[np.float64]:
        line = np.concatenate((self._narrow, narrow))
        self._narrow = line[-(_TAPS_OUT // _THIRD) :]
        taps = _smooth()
        made = np.empty(FRAME_SAMPLES)
        for phase in range(_THIRD):
            every = taps[phase::_THIRD]
            part = line[len(line) - len(narrow) - len(every) + 1 :]
            made[phase::_THIRD] = np.convolve(part, every, "valid")
        return made / _ONE


def _lowpass(frequency: float, taps: int) -> NDArray[np.float64]:
    """A windowed sinc that passes what is below a frequency, at 24 kHz."""
    place = np.arange(taps) - (taps - 1) / 2
    share = 2 * frequency / SAMPLE_RATE
    impulse: NDArray[np.float64] = share * np.sinc(share * place) * np.blackman(taps)
    return impulse


@lru_cache(1)
def _band() -> NDArray[np.float64]:
    taps: NDArray[np.float64] = _lowpass(_HIGHEST, _TAPS_IN) - _lowpass(_LOWEST, _TAPS_IN)
    return np.rint(taps * _ONE, out=taps)


@lru_cache(1)
def _smooth() -> NDArray[np.float64]:
    taps: NDArray[np.float64] = _THIRD * _lowpass(SAMPLE_RATE / _THIRD / 2, _TAPS_OUT)
    return np.rint(taps * _ONE, out=taps)


@lru_cache(2)
def companded(codec: str) -> NDArray[np.float64]:
    """What becomes of each 16-bit value, from -32768 on, when it is encoded and decoded."""
    value = np.arange(-_ONE, _ONE)
    return _mu_law(value) if codec == "pcmu" else _a_law(value)


def _mu_law(value: NDArray[np.intp]) -> NDArray[np.float64]:
    """ITU-T G.711, table 2a: 14 bits to 8 and back, scaled to 16."""
    biased = np.minimum(np.abs(value >> 2), 8158) + 33
    segment = np.frexp(biased)[1] - 6
    step = (biased >> (segment + 1)) & 15
    size = (((step << 3) + 132) << segment) - 132
    decoded: NDArray[np.float64] = np.where(value < 0, -size, size).astype(np.float64)
    return decoded


def _a_law(value: NDArray[np.intp]) -> NDArray[np.float64]:
    """ITU-T G.711, table 1a: 13 bits to 8 and back, scaled to 16; but silence stays silent."""
    size = np.where(value < 0, -value - 1, value)
    segment = np.maximum(np.frexp(size)[1] - 8, 0)
    step = np.where(segment > 0, (size >> (segment + 3)) & 15, size >> 4)
    large = ((step << 4) + 264) << np.maximum(segment - 1, 0)
    size = np.where(segment > 0, large, (step << 4) + 8)
    decoded: NDArray[np.float64] = np.where(value < 0, -size, size).astype(np.float64)
    decoded[_ONE] = 0
    return decoded
