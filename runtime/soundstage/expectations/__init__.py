"""Expectations: what must hold in a run, and the judge that finds it in the event log."""

from soundstage.expectations.declared.declaring import declared_expectations
from soundstage.expectations.declared.demands import Cast, Demands, Expected
from soundstage.expectations.declared.expectation_tables import (
    UNANSWERED,
    Expectation,
    ExpectedMoment,
)
from soundstage.expectations.declared.plausibility import Stage, doubts
from soundstage.expectations.judged_outcome import RunJudge, outcome_with, report_of
from soundstage.expectations.judges.judge import judge
from soundstage.expectations.live_judge import LiveJudge
from soundstage.expectations.stored_runs import OtherDemands, judge_again

__all__ = [
    "UNANSWERED",
    "Cast",
    "Demands",
    "Expectation",
    "Expected",
    "ExpectedMoment",
    "LiveJudge",
    "OtherDemands",
    "RunJudge",
    "Stage",
    "declared_expectations",
    "doubts",
    "judge",
    "judge_again",
    "outcome_with",
    "report_of",
]
