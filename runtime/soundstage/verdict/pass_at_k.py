"""pass@k and pass^k without bias: of k runs taken at random from those there are.

The first is the estimator of Chen et al., "Evaluating Large Language Models Trained on Code", 2021;
the second is its counterpart for all of k, as in the tau-bench of Yao et al., 2024.
"""

from __future__ import annotations

from math import comb


def any_of_k(passed: int, runs: int, k: int) -> float | None:
    """How probable it is that of k runs at least one passes; None for fewer than k runs."""
    if runs < k or k < 1:
        return None
    return 1 - comb(runs - passed, k) / comb(runs, k)


def all_of_k(passed: int, runs: int, k: int) -> float | None:
    """How probable it is that of k runs all pass; None for fewer than k runs."""
    if runs < k or k < 1:
        return None
    return comb(passed, k) / comb(runs, k)
