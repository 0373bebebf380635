"""What a number of passed runs says of the rate: an exact bound, and an interval to show.

The bound is that of Clopper and Pearson (1934), the interval is that of Wilson (1927).
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Final

_HALVINGS: Final = 200
"""Steps of a search by halves: more than a double has bits."""


def tail_at_least(passed: int, runs: int, rate: float) -> float:
    """The probability that of so many runs at least `passed` pass, at this rate.

    Args:
        passed: 0 or more.
        runs: 0 or more.
        rate: 0 to 1.
    """
    if passed <= 0:
        return 1.0
    if passed > runs or rate <= 0:
        return 0.0
    if rate >= 1:
        return 1.0
    if passed <= runs * rate:
        # The other tail is the smaller one, and its terms lose nothing to each other.
        return 1.0 - _sum_upwards(runs - passed + 1, runs, 1 - rate)
    return _sum_upwards(passed, runs, rate)


def _sum_upwards(least: int, runs: int, rate: float) -> float:
    """P(X >= least), from a term that is no larger than those before it."""
    log_term = (
        math.log(math.comb(runs, least))
        + least * math.log(rate)
        + (runs - least) * math.log1p(-rate)
    )
    term = math.exp(log_term)
    terms: list[float] = []
    odds = rate / (1 - rate)
    for count in range(least, runs + 1):
        terms.append(term)
        following = term * odds * (runs - count) / (count + 1)
        if following < term and following < terms[0] * 1e-18:
            break
        term = following
    return min(1.0, math.fsum(terms))


def lower_bound(passed: int, runs: int, confidence: float) -> float:
    """The rate below which so many passes are less probable than 1 - confidence; one-sided.

    Raises:
        ValueError: the numbers cannot be.
    """
    _check(passed, runs, confidence)
    if passed == 0:
        return 0.0
    low, high = 0.0, passed / runs
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if tail_at_least(passed, runs, middle) < 1 - confidence:
            low = middle
        else:
            high = middle
    return low


def rate_interval(passed: int, runs: int, confidence: float) -> tuple[float, float]:
    """Wilson's two-sided interval for the rate; the whole of 0 to 1 where there is no run.

    Raises:
        ValueError: the numbers cannot be.
    """
    if runs == 0:
        return 0.0, 1.0
    _check(passed, runs, confidence)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = passed / runs
    share = 1 + z * z / runs
    middle = (rate + z * z / (2 * runs)) / share
    half = z / share * math.sqrt(rate * (1 - rate) / runs + z * z / (4 * runs * runs))
    low = 0.0 if passed == 0 else max(0.0, middle - half)
    high = 1.0 if passed == runs else min(1.0, middle + half)
    return low, high


def clean_runs_needed(rate: float, confidence: float) -> int:
    """How many runs, all of them passed, show that the rate is at least this one.

    Raises:
        ValueError: the rate is not between 0 and 1: no number of runs shows a rate of 1.
    """
    if not 0 < rate < 1 or not 0 < confidence < 1:
        raise ValueError("a rate and a confidence lie between 0 and 1")
    needed = max(1, math.floor(math.log(1 - confidence) / math.log(rate)))
    while lower_bound(needed, needed, confidence) < rate:
        needed += 1
    return needed


def _check(passed: int, runs: int, confidence: float) -> None:
    if not 0 <= passed <= runs or runs == 0:
        raise ValueError(f"{passed} of {runs} runs cannot have passed")
    if not 0 < confidence < 1:
        raise ValueError(f"a confidence lies between 0 and 1, not {confidence}")
