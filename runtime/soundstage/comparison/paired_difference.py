"""The difference of two pass rates over the same seeds: its test, its interval, and its power.

Only discordant pairs, of which one run passed and the other failed, say which variant is better.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from statistics import NormalDist
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_STEPS: Final = 200
"""Halvings of a bisection: more than the digits of a float."""


class PairedDifference(Struct, frozen=True, kw_only=True):
    """How much better the second variant is than the first.

    Attributes:
        pairs: how many pairs of which both runs were judged.
        improved: pairs of which the first run failed and the second passed.
        regressed: pairs of which the first run passed and the second failed.
        estimate: the second pass rate minus the first.
        low: the lower end of its interval.
        high: the upper end.
        confidence: of the interval and of the test, as a share.
        p: of McNemar's exact test, two-sided: how probable a split at least as uneven is if no
            variant is better.
        adjusted: the same, raised by Holm's method where cells of a matrix are tested as well.
        smallest: the smallest difference, up or down, that so many pairs would have shown, with
            as many pairs against it as were found against the larger side, however the other tests
            come out; 1 where no difference would have been shown.
    """

    pairs: int
    improved: int
    regressed: int
    estimate: float
    low: float
    high: float
    confidence: float
    p: float
    adjusted: float
    smallest: float


def paired_difference(
    pairs: int, improved: int, regressed: int, confidence: float = 0.95, *, tests: int = 1
) -> PairedDifference:
    """The difference over so many pairs.

    Args:
        pairs: of which both runs were judged.
        improved: of which only the second run passed.
        regressed: of which only the first run passed.
        confidence: of the interval and of the test, between 0 and 1.
        tests: how many are made together, of which this is one.

    Returns:
        The difference, with `adjusted` as if this were the only test.

    Raises:
        ValueError: there is no pair, or fewer than the discordant ones.
    """
    if pairs < 1 or improved < 0 or regressed < 0 or improved + regressed > pairs:
        raise ValueError(f"{improved} and {regressed} of {pairs} pairs cannot be")
    low, high = score_interval(pairs, improved, regressed, confidence)
    p = mcnemar(improved, regressed)
    return PairedDifference(
        pairs=pairs,
        improved=improved,
        regressed=regressed,
        estimate=(improved - regressed) / pairs,
        low=low,
        high=high,
        confidence=confidence,
        p=p,
        adjusted=p,
        smallest=_smallest(pairs, min(improved, regressed), (1 - confidence) / tests),
    )


def mcnemar(improved: int, regressed: int) -> float:
    """McNemar's exact test, two-sided: an even coin decides each discordant pair.

    Source: McNemar, Psychometrika 12 (1947), with binomial tails in place of his approximation.
    """
    discordant = improved + regressed
    if not discordant:
        return 1.0
    ways = 1
    tail = 1
    for taken in range(min(improved, regressed)):
        ways = ways * (discordant - taken) // (taken + 1)
        tail += ways
    return min(1.0, 2 * tail / (1 << discordant))


def score_interval(
    pairs: int, improved: int, regressed: int, confidence: float
) -> tuple[float, float]:
    """The interval of a difference of paired rates, by the score test.

    It has ends where no pair is discordant, and keeps its confidence with few of them. Source:
    Tango, Statistics in Medicine 17 (1998), 891-908.
    """
    limit = NormalDist().inv_cdf(0.5 + confidence / 2)

    def score(difference: float) -> float:
        shared = _likeliest(pairs, improved, regressed, difference)
        variance = pairs * (2 * shared + difference * (1 - difference))
        gap = improved - regressed - pairs * difference
        return gap / math.sqrt(variance) if variance > 0 else math.copysign(math.inf, gap)

    estimate = (improved - regressed) / pairs
    low = -1.0 if estimate <= -1 else _root(lambda at: score(at) - limit, -1.0, estimate)
    high = 1.0 if estimate >= 1 else _root(lambda at: score(at) + limit, estimate, 1.0)
    return low, high


def _likeliest(pairs: int, improved: int, regressed: int, difference: float) -> float:
    """The likeliest rate of pairs that regress, if the rates differ by so much."""
    square = 2 * pairs
    linear = (2 * pairs - improved + regressed) * difference - improved - regressed
    constant = -regressed * difference * (1 - difference)
    root = math.sqrt(max(0.0, linear * linear - 4 * square * constant))
    return (root - linear) / (2 * square)


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a function that falls is zero, between two ends."""
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if function(middle) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _smallest(pairs: int, against: int, error: float) -> float:
    """The smallest difference that the test would show, with so many pairs against it."""
    most = range(against + 1, pairs - against + 1)
    # The value of p falls with each further pair on the larger side.
    place = bisect_left(most, -error, key=lambda more: -mcnemar(more, against))
    return (most[place] - against) / pairs if place < len(most) else 1.0


def holm(found: Mapping[str, float]) -> dict[str, float]:
    """Values of p of several tests, each so raised that all of them err together as rarely as one.

    Source: Holm, Scandinavian Journal of Statistics 6 (1979), 65-70.
    """
    raised: dict[str, float] = {}
    worst = 0.0
    ordered = sorted(found, key=lambda name: found[name])
    for place, name in enumerate(ordered):
        worst = max(worst, min(1.0, found[name] * (len(found) - place)))
        raised[name] = worst
    return {name: raised[name] for name in found}
