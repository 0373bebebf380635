from __future__ import annotations

import pytest
from msgspec.structs import replace

from soundstage.messages import Cause, Owner, Verdict
from soundstage.report.headline import Headline
from soundstage.report.headline import headline as headline_of
from soundstage.results import ExpectationReport, Result

ENDED = Result(
    scenario="refund",
    seed=7,
    clock="virtual",
    outcome="ended",
    reason="turns",
    exit_code=0,
    duration=9.0,
    wall=0.2,
    speed=45.0,
    providers={},
    versions={},
    resolved={},
)
FAILED = replace(
    ENDED,
    outcome="failed",
    exit_code=1,
    cause=Cause(owner=Owner.AGENT, reason="fault:bob", message="KeyError: 'order'"),
)
INVALID = replace(
    ENDED,
    outcome="invalid",
    exit_code=3,
    cause=Cause(owner=Owner.INFRASTRUCTURE, reason="recording", message="the disk is full"),
)
INTERRUPTED = replace(ENDED, outcome="interrupted", reason="interrupt", exit_code=130)


def expected(id_: str, status: str, *, need: str = "required", **more) -> Verdict:
    return Verdict(id=id_, status=status, need=need, expected="", sentence="", **more)


def headline(result: Result, verdicts=(), unreadable: str = "", outcome: str = "") -> Headline:
    judged = ExpectationReport(verdicts=tuple(verdicts), outcome=outcome, reason="judged")
    return headline_of(result, judged, unreadable)


PASSED = expected("greets", "passed")


def test_a_run_of_which_nothing_was_expected_has_ended_and_not_passed():
    assert headline(ENDED).tone == "ended"
    assert headline(ENDED, [expected("refund", "skipped")]).tone == "ended"
    assert "turns" in headline(ENDED).sentence


def test_a_run_whose_expectations_hold_has_passed():
    found = headline(ENDED, [PASSED, expected("refund", "skipped")])
    assert found.tone == "passed"
    assert found.sentence == "1 expectation passed; 1 had no occasion, or many runs decide."


@pytest.mark.parametrize("result", [FAILED, INVALID, INTERRUPTED])
def test_no_expectation_makes_a_run_better_than_its_exit_code(result: Result):
    found = headline(result, [PASSED])
    assert found.tone == result.outcome
    assert found.tone not in {"passed", "ended"}


@pytest.mark.parametrize("code", [1, 2, 3, 130, 143, 7])
@pytest.mark.parametrize("outcome", ["ended", "failed", "invalid", "interrupted", "new_word"])
def test_an_exit_code_other_than_0_is_never_green(outcome: str, code: int):
    found = headline(replace(ENDED, outcome=outcome, exit_code=code), [PASSED])
    assert found.tone not in {"passed", "ended"}


def test_the_cause_is_said():
    assert headline(FAILED).sentence == "KeyError: 'order'"
    assert headline(INVALID).sentence == "the disk is full"


def test_a_failed_expectation_fails_a_run_that_was_judged_again():
    found = headline(ENDED, [PASSED, expected("yields", "failed", owner="agent")])
    assert found.tone == "failed"
    assert found.sentence == "1 of 2 required expectations failed: yields."


@pytest.mark.parametrize(
    "doubtful",
    [expected("heard", "unknown"), expected("late", "failed", owner="infrastructure")],
)
def test_what_could_not_be_judged_is_neither_passed_nor_failed(doubtful: Verdict):
    found = headline(ENDED, [PASSED, doubtful])
    assert found.tone == "invalid"
    assert doubtful.id in found.sentence


def test_an_advisory_expectation_changes_no_verdict():
    advice = [expected("polite", status, need="advisory") for status in ("failed", "unknown")]
    assert headline(ENDED, [PASSED, *advice]).tone == "passed"
    assert headline(ENDED, [expected("polite", "passed", need="advisory")]).tone == "ended"


def test_expectations_that_cannot_be_read_are_no_success():
    found = headline(ENDED, (), "expectations.json cannot be read")
    assert found.tone == "invalid"
    assert "cannot be read" in found.sentence


@pytest.mark.parametrize(("outcome", "tone"), [("failed", "failed"), ("invalid", "invalid")])
def test_the_outcome_of_judging_again_counts(outcome: str, tone: str):
    assert headline(ENDED, [PASSED], outcome=outcome).tone == tone
    assert headline(ENDED, [PASSED], outcome="ended").tone == "passed"
