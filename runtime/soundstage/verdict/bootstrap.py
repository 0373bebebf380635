"""A percentile over the turns of all runs, with an interval: whole runs are drawn again.

The turns of one run are not independent of each other, so not turns but runs are drawn (a cluster
bootstrap; Davison and Hinkley, 1997).
"""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FEWEST_RUNS: Final = 20
"""Runs below which an interval would say more than is known."""

_DRAWS: Final = 1000


class Estimate(Struct, frozen=True):
    """A value over all runs.

    Attributes:
        value: the value; None where there is nothing to measure, infinite where too many answers
            never came.
        low: from where it may lie; None for fewer than 20 runs.
        high: up to where.
        runs: how many there are.
        values: how many single values there are, answers that never came included.
    """

    value: float | None
    low: float | None
    high: float | None
    runs: int
    values: int


def percentile_over_runs(
    runs: Sequence[Sequence[float]], share: float, *, confidence: float = 0.95, seed: int = 0
) -> Estimate:
    """A percentile over the values of all runs, and an interval by drawing runs again.

    Args:
        runs: the values of each run; an answer that never came is `math.inf`.
        share: 0.5 for the median, 0.95 for the 95th percentile: the nearest rank.
        confidence: of the interval, two-sided.
        seed: of the drawing.
    """
    return _estimate(runs, lambda values: _nearest_rank(sorted(values), share), confidence, seed)


def mean_over_runs(
    runs: Sequence[Sequence[float]], *, confidence: float = 0.95, seed: int = 0
) -> Estimate:
    """The mean over the values of all runs, with an interval; see `percentile_over_runs`."""
    return _estimate(
        runs, lambda values: sum(values) / len(values) if values else None, confidence, seed
    )


def _estimate(
    runs: Sequence[Sequence[float]],
    statistic: Callable[[Sequence[float]], float | None],
    confidence: float,
    seed: int,
) -> Estimate:
    everything = [value for run in runs for value in run]
    value = statistic(everything)
    if len(runs) < FEWEST_RUNS or value is None:
        return Estimate(value, None, None, len(runs), len(everything))
    chance = random.Random(seed)  # noqa: S311 - no secret hangs on it
    found: list[float] = []
    for _ in range(_DRAWS):
        drawn = chance.choices(runs, k=len(runs))
        estimate = statistic([value for run in drawn for value in run])
        if estimate is not None:
            found.append(estimate)
    found.sort()
    tail = (1 - confidence) / 2
    low = _nearest_rank(found, tail)
    high = _nearest_rank(found, 1 - tail)
    return Estimate(value, low, high, len(runs), len(everything))


def _nearest_rank(ordered: Sequence[float], share: float) -> float | None:
    if not ordered:
        return None
    return ordered[min(len(ordered), max(1, math.ceil(share * len(ordered)))) - 1]
