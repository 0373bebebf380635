"""Bounds, intervals and tests of rates, held against scipy and statsmodels."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import betaln
from scipy.stats import beta, binom, binomtest

from soundstage.verdict import (
    all_of_k,
    any_of_k,
    clean_runs_needed,
    evidence_against,
    lower_bound,
    percentile_over_runs,
    rate_interval,
    sequence_interval,
    tail_at_least,
)

RUNS = st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
RATE = st.floats(0.001, 0.999)
CONFIDENCE = st.sampled_from([0.8, 0.9, 0.95, 0.99])


@given(RUNS, RATE)
def test_a_tail_is_that_of_scipy(counts, rate):
    passed, runs = counts
    expected = binom.sf(passed - 1, runs, rate)

    assert tail_at_least(passed, runs, rate) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@given(RUNS, CONFIDENCE)
def test_the_bound_is_that_of_clopper_and_pearson(counts, confidence):
    passed, runs = counts
    low = 0.0 if passed == 0 else beta.ppf(1 - confidence, passed, runs - passed + 1)

    assert lower_bound(passed, runs, confidence) == pytest.approx(low, abs=1e-9)


@given(RUNS, CONFIDENCE)
def test_the_interval_that_is_shown_is_wilsons(counts, confidence):
    passed, runs = counts
    expected = binomtest(passed, runs).proportion_ci(confidence, method="wilson")

    assert rate_interval(passed, runs, confidence) == pytest.approx(
        (expected.low, expected.high), abs=1e-9
    )


@given(RUNS, RATE)
def test_the_evidence_is_the_ratio_of_the_mixture_to_the_rate(counts, rate):
    passed, runs = counts
    expected = betaln(passed + 1, runs - passed + 1) - (
        passed * math.log(rate) + (runs - passed) * math.log1p(-rate)
    )

    assert evidence_against(rate, passed, runs) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(RUNS, CONFIDENCE)
def test_the_edges_of_the_sequence_are_where_the_evidence_is_enough(counts, confidence):
    passed, runs = counts
    low, high = sequence_interval(passed, runs, confidence)
    limit = -math.log(1 - confidence)

    assert low <= passed / runs <= high
    for edge in (low, high):
        if 0 < edge < 1:
            assert evidence_against(edge, passed, runs) == pytest.approx(limit, abs=1e-6)


@pytest.mark.parametrize(
    ("rate", "fixed", "early"), [(0.9, 29, 69), (0.95, 59, 158), (0.99, 299, 984)]
)
def test_clean_runs_that_are_needed(rate, fixed, early):
    assert clean_runs_needed(rate, 0.95) == fixed
    limit = -math.log(0.05)
    assert evidence_against(rate, early, early) >= limit
    assert evidence_against(rate, early - 1, early - 1) < limit


def test_of_k_runs_one_or_all():
    assert any_of_k(3, 10, 1) == pytest.approx(0.3)
    assert any_of_k(3, 10, 2) == pytest.approx(1 - 42 / 90)
    assert all_of_k(3, 10, 2) == pytest.approx(6 / 90)
    assert any_of_k(3, 10, 11) is None
    assert all_of_k(10, 10, 10) == 1.0


def test_a_percentile_over_runs_has_an_interval_from_twenty_runs_on():
    runs = [[0.1 * at, 0.2 * at] for at in range(1, 41)]

    whole = percentile_over_runs(runs, 0.5)
    assert whole.low is not None
    assert whole.high is not None
    assert whole.value is not None
    assert whole.low < whole.value < whole.high
    assert (whole.runs, whole.values) == (40, 80)
    assert percentile_over_runs(runs, 0.5) == whole
    assert percentile_over_runs(runs[:19], 0.5).low is None
    assert percentile_over_runs([[]], 0.5).value is None


def test_an_answer_that_never_came_is_slower_than_all():
    runs = [[0.5, math.inf]] * 20

    assert percentile_over_runs(runs, 0.5).value == 0.5
    assert percentile_over_runs(runs, 0.95).value == math.inf
