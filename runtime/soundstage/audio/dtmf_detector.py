"""Keys of a telephone found in sound, by the limits of ITU-T Q.24."""

from __future__ import annotations

from collections import deque
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct

from soundstage.audio.dtmf_tones import HIGH_GROUP, KEYPAD, LOW_GROUP
from soundstage.units import SAMPLE_RATE, SILENCE, Samples, samples_of_ms

if TYPE_CHECKING:
    from numpy.typing import NDArray

WINDOW: Final[Samples] = samples_of_ms(30)
"""What is looked at as one: long enough to tell 697 from 770 Hz, shorter than the shortest tone."""

HOP: Final[Samples] = samples_of_ms(10)

_OFFSETS: Final = (-0.016, -0.008, 0.0, 0.008, 0.016)
"""Q.24: a tone up to 1.5 % and 2 Hz beside its place is taken. One filter would not reach so far
in 30 ms; the nearest of five does."""

_SHARE: Final = 0.64
"""How much of all energy of each window the two tones have. A tone of 40 ms fills at least two
thirds of its third window, wherever the windows begin."""

_PURE: Final = 0.8
"""How much they have in at least one window of a key, the whole of which is tone. At 15 dB of noise
it is 0.97 of all energy, and the nearest filter has at least 0.85 of a tone."""

_SHARES: Final = 2.2
"""How much they have in three windows together, at least: a clean tone of 40 ms has 2.66. Speech
and music, which have further partials, keep one of the two limits for a moment, and not both."""

_FORWARD_TWIST: Final = 10 ** (6 / 10)
"""How much louder the high tone may be: Q.24 has 4 dB, telephone handsets 2 dB more."""

_REVERSE_TWIST: Final = 10 ** (9 / 10)
"""How much louder the low tone may be: Q.24 has 8 dB, and a filter may miss 1 dB of the other."""

_QUIETEST: Final = WINDOW * 10 ** (-45 / 10) / 2
"""The energy of a window with a sine of -45 dBFS: Q.24 has -25 dBm a tone on a line."""

_FEWEST: Final = 3
"""So many windows in succession make a key: a tone of 40 ms has three, one of 23 ms has not."""

_LONGEST_GAP: Final = 4
"""Windows without a tone that end a key: a pause of 40 ms has at least four, a lost packet of 20 ms
at most three."""

_LATE: Final[Samples] = samples_of_ms(8)
"""How much earlier a window may begin than its tone, on average, and still be taken."""


class KeyPress(Struct, frozen=True, gc=False):
    """A key that was found.

    Attributes:
        key: one of `0` to `9`, `*`, `#` and `A` to `D`.
        pts: when its tone began, within 10 ms.
    """

    key: str
    pts: Samples


class DtmfDetector:
    """Finds keys in frames as they come, each as soon as its tone has lasted for 50 ms.

    A window is a key where one tone of each group has most of the energy, and neither is much
    louder than the other. Three windows in succession make a key if the tones have nearly all of
    the energy in one of them, and most of it in all. So a voice or an instrument, which has further
    partials, is none. Nothing in the registries did it well: their detectors loop over samples in
    Python.
    """

    def __init__(self) -> None:
        self._past = b""
        self._candidate = ""
        self._shares: deque[float] = deque(maxlen=_FEWEST)
        self._key = ""
        self._missing = 0
        self._since: Samples = 0

    def push(self, pts: Samples, pcm: bytes) -> list[KeyPress]:
        """Take the frame at `pts`; the keys that are known with it. Silence costs nothing."""
        if pcm is SILENCE and not self._past:
            return []
        line = self._past + pcm
        start = pts - len(self._past) // 2
        found: list[KeyPress] = []
        while len(line) >= 2 * WINDOW:
            press = self._take(*_key_in(line[: 2 * WINDOW]), start)
            if press is not None:
                found.append(press)
            line, start = line[2 * HOP :], start + HOP
        self._past = line
        if pcm is SILENCE and not (self._key or self._candidate) and not any(line):
            self._past = b""
        return found

    def _take(self, key: str, share: float, start: Samples) -> KeyPress | None:
        """One window more, with what its tones have of its energy; the key that it completes."""
        if self._key and key != self._key:
            self._missing += 1
            if self._missing >= _LONGEST_GAP:
                self._key = ""
        if key != self._candidate:
            self._candidate, self._since = key, start
            self._shares.clear()
        self._shares.append(share)
        if not key:
            return None
        if key == self._key:
            self._missing = 0
            return None
        is_pure = max(self._shares) >= _PURE and sum(self._shares) >= _SHARES
        if len(self._shares) < _FEWEST or not is_pure:
            return None
        self._key, self._missing = key, 0
        return KeyPress(key, max(0, self._since + _LATE))


def _key_in(pcm: bytes) -> tuple[str, float]:
    """The key of whose tones a window of sound mostly consists, and their share of its energy.

    The key is empty for any other sound.
    """
    sound = np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32_768)
    energy = float(sound @ sound)
    if energy < _QUIETEST:
        return "", 0.0
    waves = sound @ _bank()
    powers = (waves[0::2] ** 2 + waves[1::2] ** 2).reshape(2, len(LOW_GROUP), len(_OFFSETS))
    best = powers.max(axis=2)
    row, column = best.argmax(axis=1)
    low, high = float(best[0, row]), float(best[1, column])
    # A sine over the whole window has WINDOW / 2 times its energy at its own frequency.
    share = (low + high) * 2 / WINDOW / energy
    is_twisted = high > low * _FORWARD_TWIST or low > high * _REVERSE_TWIST
    return ("", 0.0) if share < _SHARE or is_twisted else (KEYPAD[row][column], share)


@lru_cache(1)
def _bank() -> NDArray[np.float32]:
    """(WINDOW, 80): cosine and sine of each frequency; Goertzel's filters as one product."""
    nominal = np.array([*LOW_GROUP, *HIGH_GROUP])
    frequencies = (nominal[:, None] * (1 + np.array(_OFFSETS))).ravel()
    turns = 2 * np.pi * np.outer(np.arange(WINDOW), frequencies) / SAMPLE_RATE
    bank = np.empty((WINDOW, 2 * len(frequencies)), np.float32)
    bank[:, 0::2], bank[:, 1::2] = np.cos(turns), np.sin(turns)
    return bank
