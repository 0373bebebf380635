"""Voices higher or lower than they were, at the same pace and with the same vowels."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

from soundstage.units import SAMPLE_RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

_VOICED: Final = 40.0
_UNVOICED_RATE: Final = 100.0
_SHORTEST: Final = 40
_LONGEST: Final = 600
_MARGIN: Final = 1_024


def shift_pitch(
    samples: NDArray[np.float32], pitch: NDArray[np.float32], hop: int, ratio: float
) -> NDArray[np.float32]:
    """Multiply the pitch of a voice by `ratio`.

    TD-PSOLA: periods are cut out around their pitch marks and set down again closer together
    or further apart, some of them twice or not at all; where there is no voice they stay.

    Args:
        samples: 24 kHz.
        pitch: Hz for every `hop` samples, below 40 where there is no voice.
        hop: samples between two values of `pitch`.
        ratio: above 1 for a higher voice; 0.5 to 2 sounds well.
    """
    rate = np.repeat(pitch.astype(np.float64), hop)[: len(samples)]
    voiced = rate > _VOICED
    rate = np.where(voiced, rate, _UNVOICED_RATE)
    marks = np.flatnonzero(np.diff(np.floor(np.cumsum(rate) / SAMPLE_RATE)) > 0)
    if not len(marks):
        return samples
    following = marks[-1] + int(SAMPLE_RATE / rate[marks[-1]])
    periods = np.clip(np.diff(marks, append=following), _SHORTEST, _LONGEST)
    steps = np.where(voiced[marks], periods / ratio, periods)
    return _overlap_add(samples, marks, periods, steps)


def _overlap_add(
    samples: NDArray[np.float32],
    marks: NDArray[np.int64],
    periods: NDArray[np.int64],
    steps: NDArray[np.float64],
) -> NDArray[np.float32]:
    padded = np.pad(samples, _MARGIN)
    shifted = np.zeros_like(padded)
    # Python numbers: the loop below runs once a period, and numpy's scalars would double its cost.
    nearest_until = [*((marks[1:] + marks[:-1]) / 2).tolist(), float("inf")]
    sources, halves, ahead = (marks + _MARGIN).tolist(), periods.tolist(), steps.tolist()
    at, nearest = float(marks[0]), 0
    while at < len(samples):
        while nearest_until[nearest] <= at:
            nearest += 1
        half, source, target = halves[nearest], sources[nearest], _MARGIN + int(at)
        shifted[target - half : target + half] += padded[source - half : source + half] * _window(
            half
        )
        at += ahead[nearest]
    return shifted[_MARGIN : _MARGIN + len(samples)]


@cache
def _window(half: int) -> NDArray[np.float32]:
    return np.hanning(2 * half).astype(np.float32)
