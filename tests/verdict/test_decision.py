"""The rule of [verdict]: what passes, what fails, what cannot be told, and how often it errs."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundstage.verdict import VerdictRule, decide, decide_early

RULE = VerdictRule(at_least=0.95)
JUDGEMENTS = st.lists(st.sampled_from(["passed", "failed", "invalid"]), max_size=300)


def runs(passed=0, failed=0, invalid=0):
    return ["passed"] * passed + ["failed"] * failed + ["invalid"] * invalid


@pytest.mark.parametrize(
    ("judgements", "verdict"),
    [
        (runs(59), "passed"),
        (runs(58), "undecided"),
        (runs(100, 12), "failed"),
        (runs(100, 5), "undecided"),
        (runs(0, 1), "undecided"),
        (runs(0, 3), "failed"),
        (runs(), "undecided"),
        (runs(0, 0, 40), "undecided"),
        (runs(200, 0, 20), "undecided"),
        (runs(59, 0, 1), "undecided"),
        (runs(400, 0, 2), "passed"),
    ],
)
def test_what_a_batch_of_fixed_length_comes_to(judgements, verdict):
    assert decide(judgements, RULE).verdict == verdict


def test_invalid_runs_are_not_counted_and_may_leave_it_open():
    found = decide(runs(59, 0, 1), RULE)

    assert (found.judged, found.invalid) == (59, 1)
    assert "the 1 invalid runs could change the verdict" in found.sentence


def test_all_means_all():
    everything = VerdictRule(at_least=1.0)

    assert decide(runs(10), everything).verdict == "passed"
    assert "shows a rate of 74.1%" in decide(runs(10), everything).sentence
    assert decide(runs(10, 1), everything).verdict == "failed"


def test_what_is_undecided_says_how_many_more_would_decide_it():
    found = decide(runs(58), RULE)

    assert found.further == 1
    assert "about 1 more would decide it" in found.sentence


@pytest.mark.parametrize(("rate", "needed"), [(0.9, 69), (0.95, 158), (0.99, 984)])
def test_an_early_stop_needs_as_many_clean_runs_as_its_price_is(rate, needed):
    rule = VerdictRule(at_least=rate)

    assert decide_early(runs(needed - 1), rule).verdict == "undecided"
    found = decide_early(runs(needed + 50), rule)
    assert (found.verdict, found.judged, found.early) == ("passed", needed, True)


def test_an_early_stop_fails_a_batch_that_is_far_below():
    found = decide_early(runs(0, 300), RULE)

    assert found.verdict == "failed"
    assert found.judged < 10


@given(JUDGEMENTS, JUDGEMENTS)
def test_what_comes_after_the_decision_changes_nothing(first, more):
    found = decide_early(first, RULE)
    if found.verdict != "undecided":
        assert decide_early([*first, *more], RULE) == found


@given(JUDGEMENTS)
def test_a_verdict_lies_within_its_interval(judgements):
    for found in (decide(judgements, RULE), decide_early(judgements, RULE)):
        assert 0 <= found.low <= found.high <= 1
        assert found.exit_code == {"passed": 0, "failed": 1, "undecided": 3}[found.verdict]
        if found.judged:
            assert found.low <= found.passed / found.judged <= found.high


def errors(rate: float, batches: int, length: int, rule: VerdictRule) -> dict[str, float]:
    """How often each verdict comes about, of a fixed length and with an early stop."""
    chance = random.Random(f"{rate} {rule.at_least}")
    counts = {"fixed passed": 0, "fixed failed": 0, "early passed": 0, "early failed": 0}
    for _ in range(batches):
        judged = ["passed" if chance.random() < rate else "failed" for _ in range(length)]
        for name, found in (("fixed", decide(judged, rule)), ("early", decide_early(judged, rule))):
            if found.verdict != "undecided":
                counts[f"{name} {found.verdict}"] += 1
    return {name: count / batches for name, count in counts.items()}


def test_at_the_bar_the_wrong_verdict_is_as_seldom_as_promised():
    found = errors(0.95, 300, 200, RULE)

    assert found["fixed passed"] <= 0.08
    assert found["fixed failed"] <= 0.08
    assert found["early passed"] + found["early failed"] <= 0.08


@pytest.mark.prove
@pytest.mark.timeout(2400)
def test_ten_thousand_batches_at_above_and_below_the_bar():
    for at_least, length in ((0.9, 300), (0.95, 300), (0.99, 600)):
        rule = VerdictRule(at_least=at_least)
        for name, rate in (
            ("below", at_least - (1 - at_least) / 2),
            ("at", at_least),
            ("above", (1 + at_least) / 2),
        ):
            found = errors(rate, 10_000, length, rule)
            print(f"bar {at_least} n {length} rate {rate:.4f} ({name}): {found}")
            wrong_pass = name != "above"
            for kind in ("fixed", "early"):
                if wrong_pass:
                    assert found[f"{kind} passed"] <= 0.055
                if name != "below":
                    assert found[f"{kind} failed"] <= 0.055
