"""Samples as the engines want them: floats, at the rate of their model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol, cast

import numpy as np
import soxr  # type: ignore[import-untyped]  # pyright: ignore[reportMissingTypeStubs]  # it has none

from soundstage.units import SILENCE

if TYPE_CHECKING:
    from numpy.typing import NDArray

FULL_SCALE: Final = 32_768

QUIET_PEAK: Final = 4
"""Silence through Opus is not zero, but it stays below this."""


class Stream(Protocol):
    """A stream that is resampled piece by piece."""

    def resample_chunk(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take the next samples; returns those that are ready."""
        ...

    def clear(self) -> None:
        """Back to the start."""
        ...


def to_float(pcm: bytes) -> NDArray[np.float32]:
    """16-bit samples as floats, -1 up to 1."""
    return np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(FULL_SCALE)


def to_pcm(samples: NDArray[np.float32]) -> bytes:
    """Floats as 16-bit samples; what is beyond full scale is clipped."""
    scaled: NDArray[np.float32] = np.rint(samples * np.float32(FULL_SCALE))
    np.clip(scaled, -FULL_SCALE, FULL_SCALE - 1, out=scaled)
    return scaled.astype("<i2").tobytes()


def resample(samples: NDArray[np.float32], source: float, target: float) -> NDArray[np.float32]:
    """A whole sound at another rate, in samples a second."""
    return cast("NDArray[np.float32]", cast("Any", soxr).resample(samples, source, target))


def open_stream(source: float, target: float) -> Stream:
    """A mono stream from one rate to the other; float, because 16-bit streams are dithered."""
    return cast("Stream", cast("Any", soxr).ResampleStream(source, target, 1, dtype="float32"))


def is_quiet(pcm: bytes) -> bool:
    """Whether no sample of a frame is above `QUIET_PEAK`."""
    if pcm is SILENCE:
        return True
    samples = np.frombuffer(pcm, "<i2")
    return bool(samples.max() <= QUIET_PEAK and samples.min() >= -QUIET_PEAK)
