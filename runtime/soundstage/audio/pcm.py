"""Samples as bytes and as numbers, and their sum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from soundstage.units import SILENCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

FULL_SCALE: Final = 32_768
"""The magnitude of the loudest negative sample; 1.0 as a float."""

_UNSIGNED: Final[dict[int, np.dtype[np.unsignedinteger[Any]]]] = {
    2: np.dtype(np.uint16),
    4: np.dtype(np.uint32),
}
_STRIDE: Final = 96
_MINUS_ONE: Final = 0xFF


def peak(pcm: bytes) -> int:
    """The largest magnitude among the samples, 0 to 32768; 0 of nothing."""
    if pcm is SILENCE or not pcm:
        return 0
    samples = np.frombuffer(pcm, "<i2")
    # The magnitude of the lowest number does not fit, but read without a sign it is right.
    return int(np.maximum.reduce(np.absolute(samples).view(np.uint16)))


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


def peaks_of(
    rows: NDArray[np.int16] | NDArray[np.int32],
    scratch: NDArray[np.int16] | NDArray[np.int32] | None = None,
) -> NDArray[np.unsignedinteger[Any]]:
    """(rows, samples) to (rows,): the largest magnitude in each row, exact as in `peak`.

    Args:
        rows: the samples.
        scratch: where magnitudes may be put, of the same type and at least as many rows; made
            where not given.
    """
    out = None if scratch is None else scratch[: len(rows)]
    peaks: NDArray[np.unsignedinteger[Any]] = np.maximum.reduce(
        np.absolute(rows, out=out).view(_UNSIGNED[rows.itemsize]), axis=1
    )
    return peaks


def mix(frames: Sequence[bytes]) -> bytes:
    """The sum of frames of equal length, saturated at full scale.

    `SILENCE` itself costs nothing; a single other frame comes back as the same object, and the
    mix of nothing is `SILENCE`.

    Raises:
        ValueError: the frames differ in length.
    """
    sounding = [frame for frame in frames if frame is not SILENCE]
    if not sounding:
        return SILENCE
    if len(sounding) == 1:
        return sounding[0]
    total = np.frombuffer(sounding[0], "<i2").astype(np.int32)
    for frame in sounding[1:]:
        total += np.frombuffer(frame, "<i2")
    return np.clip(total, -32_768, 32_767).astype("<i2").tobytes()
