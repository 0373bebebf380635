"""What a language model answered when it judged, and what that says of an expectation."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from soundstage.config.values import is_table
from soundstage.expectations.judges.findings import Finding, failed, passed, unknown
from soundstage.expectations.judges.timeline import Occurrence
from soundstage.messages import Owner
from soundstage.printable_text import printable_line

if TYPE_CHECKING:
    from soundstage.expectations.judges.timeline import Timeline

_LONGEST_REASON: Final = 400
_MOST_STARTS: Final = 50


class Opinion(Struct, frozen=True, kw_only=True):
    """One answer of a judge; kept with the results, so that a run can be judged again by it.

    Attributes:
        model: the model that was asked, by its name or the name of its file.
        served_by: the model as its server names it; empty where it does not.
        prompt: the version of the instructions that it was asked with.
        question: the words of the question.
        answer: the words of the answer.
        holds: whether the statement holds; None where the answer does not say.
        reason: the judge's own, on one line.
        turn: the number of the turn that decides it; None where there is none.
        error: why there is no answer; empty where there is one.
        calibration: what is known of the judge's judgement of this statement, in words; empty
            where it has not been calibrated.
    """

    model: str
    served_by: str = ""
    prompt: int = 0
    question: str = ""
    answer: str = ""
    holds: bool | None = None
    reason: str = ""
    turn: int | None = None
    error: str = ""
    calibration: str = ""


def read_answer(answer: str) -> tuple[bool | None, str, int | None]:
    """Whether the statement holds, the reason, and the turn, as a judge's answer has them.

    The answer may have words or a fence around its JSON object. The last object that says whether
    the statement holds counts: a model that thinks aloud may draft one before.
    """
    told: dict[str, Any] | None = None
    decoder = json.JSONDecoder()
    start, tried = answer.find("{"), 0
    while start >= 0 and tried < _MOST_STARTS:
        tried += 1
        end = start + 1
        try:
            found, end = decoder.raw_decode(answer, start)
        except (ValueError, RecursionError):
            found = None
        if is_table(found) and "holds" in found:
            told = dict(found)
        start = answer.find("{", end)
    if told is None:
        return None, "", None
    holds, reason, turn = told["holds"], told.get("reason"), told.get("turn")
    return (
        holds if isinstance(holds, bool) else None,
        printable_line(" ".join(reason.split()))[:_LONGEST_REASON]
        if isinstance(reason, str)
        else "",
        turn if isinstance(turn, int) and not isinstance(turn, bool) else None,
    )


def judge_opinion(opinion: Opinion | None, line: Timeline) -> Finding:
    """What an opinion makes of an expectation; what no judge answered is unknown.

    Args:
        opinion: of the judge; None where it was not asked.
        line: of the run, in which the turn that decides it is found.
    """
    if opinion is None:
        told = "no judge was asked, or another question: judge it with a file that has [judge]"
        return unknown("judge_unavailable", told, Owner.SIMULATOR)
    if opinion.error:
        return unknown("judge_unavailable", opinion.error, Owner.SIMULATOR)
    worth = opinion.calibration or "not calibrated"
    told = f"{opinion.model} ({worth}): {opinion.reason or 'no reason given'}"
    if opinion.holds is None:
        return unknown("judge_unclear", f"cannot tell, says {told}", Owner.SIMULATOR)
    turn = next((each for each in line.turns if each.number == opinion.turn), None)
    at = None if turn is None else Occurrence(turn.start, turn.end, turn.agent, turn.number)
    if opinion.holds:
        return passed(f"it holds, says {told}", at, is_final=True)
    return failed("judged_false", f"it does not hold, says {told}", at, is_final=True)
