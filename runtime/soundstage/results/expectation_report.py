"""`expectations.json`: what was expected of a run, and what became of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct

from soundstage.errors import RunFolderError
from soundstage.json_text import NotJson, read_json_as
from soundstage.messages import Outcome, Verdict
from soundstage.printable_text import printable_line

if TYPE_CHECKING:
    from soundstage.results.run_folder import RunFolder

REPORT_VERSION: Final = 1
"""Raised when a field changes its meaning or goes; new fields do not raise it."""


class ExpectationReport(Struct, frozen=True, kw_only=True):
    """What was expected of a run, and what became of it.

    Attributes:
        version: of this report.
        outcome: how the run came out: `ended`, `failed`, `invalid` or `interrupted`.
        reason: what decided it.
        ended_by: what ended the run, before its expectations were counted.
        verdicts: what became of each expectation, in the order of the file.
        demands: what was expected, as tables, so that the run can be judged again.
        states: what the objects of `state` answered after the run, by their names.
        opinions: what a language model answered to each question of `judge`, with the question, by
            its digest.
    """

    version: int = REPORT_VERSION
    outcome: str = ""
    reason: str = ""
    ended_by: str = ""
    verdicts: tuple[Verdict, ...] = ()
    demands: dict[str, Any] = {}
    states: dict[str, Any] = {}
    opinions: dict[str, Any] = {}


class Judged(Struct, frozen=True):
    """A run that has been judged.

    Attributes:
        outcome: how it came out, its expectations counted.
        report: what became of them.
    """

    outcome: Outcome
    report: ExpectationReport


def read_expectations(folder: RunFolder) -> ExpectationReport:
    """What was expected of a run, and what became of it; empty for a run of an earlier version.

    Raises:
        RunFolderError: the file is there and cannot be read.
    """
    path = folder.expectations
    try:
        report = read_json_as(path.read_bytes(), ExpectationReport)
    except FileNotFoundError:
        return ExpectationReport(version=0)
    except (OSError, NotJson) as error:
        raise RunFolderError(f"{path} cannot be read: {error}") from error
    if report.version > REPORT_VERSION:
        raise RunFolderError(
            f"{path} has version {report.version}, and this version of Soundstage reads up to "
            f"{REPORT_VERSION}: read it with a later one"
        )
    return report


def expectation_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of `expectations.json`.

    Its `version` is `REPORT_VERSION`. A reader has to accept fields that are not in the schema.
    """
    (report,), types = msgspec.json.schema_components(
        (ExpectationReport,), ref_template="#/$defs/{name}"
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The expectations of a Soundstage run",
        "version": REPORT_VERSION,
        **report,
        "$defs": types,
    }


def shown_verdict(verdict: Verdict, folder: RunFolder) -> str:
    """What became of an expectation, for people: what was expected, what came, how to listen."""
    lines = [
        f"{verdict.status}: {verdict.id}" + (f" ({verdict.why})" if verdict.why else ""),
        f"  expected  {verdict.expected}",
        f"  instead   {verdict.sentence}"
        if verdict.status in {"failed", "unknown"}
        else f"  because   {verdict.sentence}",
    ]
    if verdict.owner not in {"", "agent"}:
        lines.append(f"  owner     {verdict.owner}: not the agent under test")
    if verdict.at is not None:
        turn = "" if verdict.turn is None else f", turn {verdict.turn}"
        lines.append(f"  when      {verdict.at:.2f} s{turn}")
        sound = next(filter(Path.is_file, (folder.mix, folder.audio(verdict.agent))), None)
        if sound is not None:
            lines.append(f"  listen    ffplay -ss {max(0.0, verdict.at - 1):.1f} {sound}")
    return "\n".join(map(printable_line, lines))
