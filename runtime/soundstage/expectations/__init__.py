"""Expectations: what must hold in a run, and the judge that finds it in the event log.

What reads labelled conversations is loaded when it is first asked for: only one command needs it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from soundstage.expectations.declared.declaring import declared_expectations, declared_judge
from soundstage.expectations.declared.demands import Cast, Demands, Expected
from soundstage.expectations.declared.expectation_tables import (
    UNANSWERED,
    Expectation,
    ExpectedMoment,
)
from soundstage.expectations.declared.measures import amount, unit_of, written_amount
from soundstage.expectations.declared.plausibility import Stage, doubts
from soundstage.expectations.judged_outcome import RunJudge, outcome_with, report_of
from soundstage.expectations.judges.judge import judge
from soundstage.expectations.live_judge import LiveJudge
from soundstage.expectations.llm_judge.calibration import (
    Calibration,
    Confusion,
    written_calibration,
)
from soundstage.expectations.llm_judge.judge_settings import JudgeSettings
from soundstage.expectations.stored_runs import OtherDemands, judge_again

if TYPE_CHECKING:
    from soundstage.expectations.llm_judge.labelled_conversations import (
        Answered,
        ask_labelled,
        calibration_of,
        read_calibration_file,
    )

__all__ = [
    "UNANSWERED",
    "Answered",
    "Calibration",
    "Cast",
    "Confusion",
    "Demands",
    "Expectation",
    "Expected",
    "ExpectedMoment",
    "JudgeSettings",
    "LiveJudge",
    "OtherDemands",
    "RunJudge",
    "Stage",
    "amount",
    "ask_labelled",
    "calibration_of",
    "declared_expectations",
    "declared_judge",
    "doubts",
    "judge",
    "judge_again",
    "outcome_with",
    "read_calibration_file",
    "report_of",
    "unit_of",
    "written_amount",
    "written_calibration",
]

_LABELLED: Final = frozenset(
    {"Answered", "ask_labelled", "calibration_of", "read_calibration_file"}
)


def __getattr__(name: str) -> object:
    if name not in _LABELLED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.llm_judge.labelled_conversations"), name)
