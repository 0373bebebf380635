"""The difference of paired rates, held against scipy and statsmodels."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import norm
from statsmodels.stats.contingency_tables import mcnemar as reference_mcnemar
from statsmodels.stats.multitest import multipletests

from soundstage.comparison.paired_difference import (
    holm,
    mcnemar,
    paired_difference,
    score_interval,
)

COUNTS = st.integers(1, 3000).flatmap(
    lambda n: st.tuples(st.just(n), st.integers(0, n)).flatmap(
        lambda pair: st.tuples(
            st.just(pair[0]), st.just(pair[1]), st.integers(0, pair[0] - pair[1])
        )
    )
)
P = st.floats(0, 1)


@given(COUNTS)
def test_the_test_is_that_of_statsmodels(counts) -> None:
    _, improved, regressed = counts
    expected = reference_mcnemar([[0, improved], [regressed, 0]], exact=True).pvalue
    if improved == regressed:
        expected = 1.0  # of an even split, statsmodels counts the middle twice

    assert mcnemar(improved, regressed) == pytest.approx(expected, rel=1e-9, abs=1e-300)


@settings(max_examples=10)  # statsmodels collects garbage in each call
@given(st.lists(P, min_size=1, max_size=30))
def test_holms_method_is_that_of_statsmodels(values) -> None:
    adjusted = holm({str(place): value for place, value in enumerate(values)})
    expected = multipletests(values, method="holm")[1]

    assert list(adjusted.values()) == pytest.approx(list(expected), abs=1e-12)


def likeliest(improved: int, regressed: int, pairs: int, difference: float) -> float:
    """The rate of pairs that regress, with which the counts are likeliest, found by search."""
    kept = pairs - improved - regressed

    def lost(rate: float) -> float:
        rates = (rate + difference, rate, 1 - 2 * rate - difference)
        return -sum(
            count * math.log(max(each, 1e-300))
            for count, each in zip((improved, regressed, kept), rates, strict=True)
            if count
        )

    low, high = max(0.0, -difference), (1 - difference) / 2
    return minimize_scalar(lost, bounds=(low, high), method="bounded", options={"xatol": 1e-12}).x


@pytest.mark.parametrize(
    ("pairs", "improved", "regressed"),
    [(44, 1, 0), (100, 12, 3), (500, 40, 61), (50, 5, 5), (30, 0, 9)],
)
@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_the_interval_is_where_the_score_test_by_numerical_likelihood_ends(
    pairs, improved, regressed, confidence
) -> None:
    limit = norm.ppf(0.5 + confidence / 2)

    def score(difference: float) -> float:
        rate = likeliest(improved, regressed, pairs, difference)
        spread = pairs * (2 * rate + difference * (1 - difference))
        return (improved - regressed - pairs * difference) / math.sqrt(spread)

    estimate = (improved - regressed) / pairs
    low = brentq(lambda at: score(at) - limit, -0.999, estimate)
    high = brentq(lambda at: score(at) + limit, estimate, 0.999)

    assert score_interval(pairs, improved, regressed, confidence) == pytest.approx(
        (low, high), abs=1e-5
    )


@given(COUNTS)
@example((1, 1, 0))
@example((1, 0, 1))
def test_the_interval_holds_the_estimate_and_turns_with_its_sides(counts) -> None:
    pairs, improved, regressed = counts
    low, high = score_interval(pairs, improved, regressed, 0.95)
    other = score_interval(pairs, regressed, improved, 0.95)

    assert -1 <= low <= (improved - regressed) / pairs <= high <= 1
    assert other == pytest.approx((-high, -low), abs=1e-9)


@given(COUNTS, st.sampled_from([0.9, 0.95, 0.99]), st.sampled_from([1, 6]))
def test_the_smallest_difference_is_shown_and_one_pair_less_is_not(counts, confidence, tests):
    pairs, improved, regressed = counts
    found = paired_difference(pairs, improved, regressed, confidence, tests=tests)
    against, error = min(improved, regressed), (1 - confidence) / tests

    if found.smallest == 1.0:
        assert mcnemar(pairs - against, against) > error or against == 0
    else:
        more = against + round(found.smallest * pairs)
        assert mcnemar(more, against) <= error
        assert mcnemar(more - 1, against) > error


def test_six_pairs_on_one_side_are_the_fewest_that_show_a_difference() -> None:
    assert paired_difference(500, 0, 0).smallest == 6 / 500
    assert paired_difference(5, 0, 0).smallest == 1


@pytest.mark.parametrize("counts", [(0, 0, 0), (3, 2, 2), (3, -1, 0)])
def test_counts_that_cannot_be_are_refused(counts) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        paired_difference(*counts)
