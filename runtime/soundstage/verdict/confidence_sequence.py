"""A test that may be looked at after every run, and errs no more often for that.

It is the mixture of Robbins (1970) over all rates alike, a Beta(1, 1): at the true rate, the
evidence against it ever reaches 1/a with probability a at most (Ville's inequality).
"""

from __future__ import annotations

import math
from typing import Final

_HALVINGS: Final = 200


def evidence_against(rate: float, passed: int, runs: int) -> float:
    """The logarithm of how much better all rates together explain the runs than this one.

    Args:
        rate: 0 to 1.
        passed: of the runs.
        runs: so far.

    Raises:
        ValueError: the numbers cannot be.
    """
    if not 0 <= passed <= runs or not 0 <= rate <= 1:
        raise ValueError(f"{passed} of {runs} runs at the rate {rate} cannot be")
    failed = runs - passed
    if (rate <= 0 and passed) or (rate >= 1 and failed):
        return math.inf
    log_beta = math.lgamma(passed + 1) + math.lgamma(failed + 1) - math.lgamma(runs + 2)
    explained = (passed * math.log(rate) if passed else 0.0) + (
        failed * math.log1p(-rate) if failed else 0.0
    )
    return log_beta - explained


def sequence_interval(passed: int, runs: int, confidence: float) -> tuple[float, float]:
    """The rates that the runs so far do not contradict, however often that was asked before.

    Raises:
        ValueError: the numbers cannot be.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"a confidence lies between 0 and 1, not {confidence}")
    if runs == 0:
        return 0.0, 1.0
    limit = -math.log(1 - confidence)
    rate = passed / runs

    def edge(inside: float, outside: float) -> float:
        if evidence_against(outside, passed, runs) < limit:
            return outside
        for _ in range(_HALVINGS):
            middle = (inside + outside) / 2
            if evidence_against(middle, passed, runs) < limit:
                inside = middle
            else:
                outside = middle
        return inside

    return edge(rate, 0.0), edge(rate, 1.0)
