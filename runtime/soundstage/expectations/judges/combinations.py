"""Expectations about other expectations: `all`, `any`, `none`, and `when`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.expectations.judges.findings import Finding, failed, passed, skipped, unknown
from soundstage.messages import Owner

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soundstage.expectations.declared.expectation_tables import Expectation


def judge_combination(expectation: Expectation, parts: Mapping[str, Finding]) -> Finding:
    """Whether the parts came out as the whole needs.

    A part that was skipped counts neither way; where all were, the whole is skipped.
    """
    judged = {name: each for name, each in parts.items() if each.status != "skipped"}
    if not judged:
        return skipped("no_occasion", "all parts were skipped")
    status = {
        wanted: [name for name, each in judged.items() if each.status == wanted]
        for wanted in ("passed", "failed", "unknown", "deferred")
    }
    open_ones = [*status["unknown"], *status["deferred"]]
    match expectation.form:
        case "all":
            against, for_it = status["failed"], not status["failed"] and not open_ones
        case "any":
            for_it = bool(status["passed"])
            against = [] if for_it or open_ones else status["failed"]
        case _:
            against, for_it = status["passed"], not status["passed"] and not open_ones
    told = ", ".join(f"{name} {each.status}" for name, each in parts.items())
    if against:
        return _with_moment(failed("not_combined", told), parts[against[0]])
    if for_it:
        return passed(told)
    return unknown("undecided_part", told, parts[open_ones[0]].owner or Owner.SIMULATOR)


def _with_moment(finding: Finding, part: Finding) -> Finding:
    return Finding(
        status=finding.status,
        kind=finding.kind,
        sentence=finding.sentence,
        agent=part.agent,
        pts=part.pts,
        turn=part.turn,
        owner=part.owner,
    )


def not_selected(name: str, condition: Finding) -> Finding | None:
    """Why an expectation is not judged that is only judged `when` another one passed."""
    match condition.status:
        case "passed":
            return None
        case "unknown" | "deferred":
            told = f"{name} is {condition.status}, so it is not known whether this one counts"
            return unknown("undecided_part", told, condition.owner or Owner.SIMULATOR)
        case status:
            return skipped("not_selected", f"{name} {status}")
