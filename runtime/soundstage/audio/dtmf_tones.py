"""The keys of a telephone as sound: two tones each, by ITU-T Q.23."""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np

from soundstage.audio.frame_cutter import FrameCutter
from soundstage.audio.pcm import to_pcm
from soundstage.units import SAMPLE_RATE, Samples, samples_of_ms

LOW_GROUP: Final = (697, 770, 852, 941)
"""The rows of the keypad, in Hz."""

HIGH_GROUP: Final = (1209, 1336, 1477, 1633)
"""Its columns, in Hz."""

KEYPAD: Final = ("123A", "456B", "789C", "*0#D")
"""The keys, row by row."""

KEYS: Final = frozenset("".join(KEYPAD))
"""All sixteen keys."""

TONE: Final[Samples] = samples_of_ms(100)
"""How long a key sounds. A receiver must take 40 ms by ITU-T Q.24; people press for longer."""

PAUSE: Final[Samples] = samples_of_ms(100)
"""How long it is quiet after a key, likewise."""

_LOW_LEVEL: Final = 10 ** (-11.2 / 20)
"""-8 dBm0 for the low group: a sine of 0 dBm0 is 3.2 dB below full scale in G.711."""

_HIGH_LEVEL: Final = 10 ** (-9.2 / 20)
"""The high group is sent 2 dB louder, because lines weaken it more."""

_RISE: Final[Samples] = samples_of_ms(2)
"""A tone that begins at once would click over the whole band."""


def tone_of(key: str, length: Samples = TONE) -> bytes:
    """One key as 24 kHz mono PCM.

    Raises:
        KeyError: it is no key.
    """
    if key not in KEYS or len(key) != 1:
        raise KeyError(key)
    row = next(place for place, keys in enumerate(KEYPAD) if key in keys)
    turns = 2 * np.pi * np.arange(length) / SAMPLE_RATE
    low = _LOW_LEVEL * np.sin(LOW_GROUP[row] * turns)
    high = _HIGH_LEVEL * np.sin(HIGH_GROUP[KEYPAD[row].index(key)] * turns)
    place = np.arange(length)
    edge = np.minimum(1, np.minimum(place, length - 1 - place) / _RISE)
    return to_pcm(((low + high) * edge).astype(np.float32))


def tones_of(keys: str) -> bytes:
    """Keys that are pressed one after the other, with a pause after each.

    Args:
        keys: of `KEYS`.

    Raises:
        KeyError: one of them is no key.
    """
    quiet = bytes(2 * PAUSE)
    return b"".join(tone_of(key) + quiet for key in keys)


class KeyTones:
    """The tones of keys that an agent has pressed, one frame a tick."""

    def __init__(self) -> None:
        self._frames: deque[bytes] = deque()

    def press(self, keys: str) -> None:
        """Have these keys sound, behind those that still do.

        Raises:
            KeyError: one of them is no key.
        """
        cutter = FrameCutter()
        self._frames += [*cutter.push(tones_of(keys)), *cutter.flush()]

    @property
    def sound(self) -> bool:
        """Whether a key sounds, or pauses before the next one."""
        return bool(self._frames)

    def take(self) -> bytes | None:
        """The frame of this tick; None where no key sounds or pauses."""
        return self._frames.popleft() if self._frames else None
