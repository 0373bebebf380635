"""Samples as bytes and as numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from soundstage.units import SILENCE

if TYPE_CHECKING:
    from numpy.typing import NDArray

FULL_SCALE: Final = 32_768
"""The magnitude of the loudest negative sample; 1.0 as a float."""

_STRIDE: Final = 96
_MINUS_ONE: Final = 0xFF


def peak(pcm: bytes) -> int:
    """The largest magnitude among the samples, 0 to 32768; 0 of nothing."""
    if pcm is SILENCE or not pcm:
        return 0
    samples = np.frombuffer(pcm, "<i2")
    return max(int(np.maximum.reduce(samples)), -int(np.minimum.reduce(samples)))


def is_audible(pcm: bytes, above: int) -> bool:
    """Whether the magnitude of any sample is greater than `above`, which is below 256."""
    if pcm is SILENCE:
        return False
    # A high byte other than these is a magnitude of 256 or more, and most sounds have one soon.
    for high in pcm[1::_STRIDE]:
        if 0 < high < _MINUS_ONE:
            return True
    return peak(pcm) > above


def to_float(pcm: bytes) -> NDArray[np.float32]:
    """16-bit samples as floats, -1 up to but not including 1; exact."""
    return np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(FULL_SCALE)


def to_pcm(samples: NDArray[np.float32]) -> bytes:
    """Floats as 16-bit samples: 1.0 is full scale, what is louder is clipped."""
    scaled: NDArray[np.float32] = np.rint(samples * np.float32(FULL_SCALE))
    np.clip(scaled, -FULL_SCALE, FULL_SCALE - 1, out=scaled)
    return scaled.astype("<i2").tobytes()


def peaks_of(rows: NDArray[np.int16] | NDArray[np.int32]) -> NDArray[np.int32]:
    """(rows, samples) to (rows,): the largest magnitude in each row, below 2^31."""
    highest, lowest = np.maximum.reduce(rows, axis=1), np.minimum.reduce(rows, axis=1)
    peaks: NDArray[np.int32] = np.maximum(highest, np.negative(lowest, dtype=np.int32))
    return peaks
