"""Expectations: what must hold in a run, and the judge that finds it in the event log."""

from soundstage.expectations.declared.declaring import declared_expectations
from soundstage.expectations.declared.demands import Cast, Demands, Expected
from soundstage.expectations.declared.expectation_tables import Expectation, ExpectedMoment
from soundstage.expectations.judged_outcome import RunJudge, outcome_with, report_of
from soundstage.expectations.judges.judge import judge

__all__ = [
    "Cast",
    "Demands",
    "Expectation",
    "Expected",
    "ExpectedMoment",
    "RunJudge",
    "declared_expectations",
    "judge",
    "outcome_with",
    "report_of",
]
