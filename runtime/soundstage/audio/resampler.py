"""A stream of samples at another rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import soxr  # type: ignore[import-untyped]  # pyright: ignore[reportMissingTypeStubs]  # it has none

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Resampler:
    """Converts a mono stream piece by piece, with float arithmetic throughout.

    The result is the same however the stream is cut. Output sample `n` belongs to the time of
    input sample `n * source_rate / target_rate`: nothing is shifted, but samples come out in
    bursts, up to 40 ms after they went in; `delay` says how many are owed.

    Float only, because soxr dithers 16-bit streams with a random generator of its own.

    Args:
        source_rate: samples a second that go in.
        target_rate: samples a second that come out.
    """

    def __init__(self, source_rate: int, target_rate: int) -> None:
        self.source_rate = source_rate
        self.target_rate = target_rate
        self._stream = soxr.ResampleStream(source_rate, target_rate, 1, dtype="float32")

    @property
    def delay(self) -> float:
        """Output samples that are owed for the input so far."""
        return float(self._stream.delay())

    def push(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take the next samples, one dimension, any number; returns what is ready."""
        return self._resample(samples, last=False)

    def flush(self) -> NDArray[np.float32]:
        """The samples still owed; the next `push` begins a new stream."""
        rest = self._resample(np.zeros(0, np.float32), last=True)
        self.reset()
        return rest

    def reset(self) -> None:
        """Begin a new stream; what is owed is lost."""
        self._stream.clear()

    def _resample(self, samples: NDArray[np.float32], *, last: bool) -> NDArray[np.float32]:
        resampled: NDArray[np.float32] = self._stream.resample_chunk(
            np.ascontiguousarray(samples, np.float32), last=last
        )
        return resampled
