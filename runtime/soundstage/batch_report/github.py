"""What GitHub shows of a job: its summary, in Markdown, and annotations, by workflow commands.

Source: GitHub's documentation, "Workflow commands for GitHub Actions".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from soundstage.printable_text import printable_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from soundstage.batch_report.expectation_counts import ExpectationCase
    from soundstage.sweep import Summary

_MOST: Final = 10
"""Annotations: GitHub shows as many of a step, and leaves the others out."""


def job_summary(
    summary: Summary, cases: Sequence[ExpectationCase], again: Callable[[str, int], str]
) -> str:
    """The Markdown of a batch, for the file that `GITHUB_STEP_SUMMARY` names.

    Args:
        summary: of the batch.
        cases: what became of its expectations.
        again: the command that plays the run of a cell and seed once more; may be empty.
    """
    head = summary.verdict or ("passed" if summary.exit_code == 0 else "not passed")
    count = f"{summary.runs} of {summary.asked} runs"
    lines = [
        f"## {_text(summary.scenario)}: {head}",
        "",
        f"{count}, {summary.clock} clock, exit code {summary.exit_code}",
        "",
        "| cell | passed | rate | invalid | verdict |",
        "|---|---|---|---|---|",
    ]
    for cell in summary.cells:
        verdict = f"{cell.verdict.verdict}: {cell.verdict.sentence}" if cell.verdict else ""
        lines.append(
            f"| {_text(cell.cell) or 'all'} | {cell.passed} of {cell.judged} "
            f"| {cell.low:.1%} to {cell.high:.1%} | {cell.invalid} | {_text(verdict)} |"
        )
    missed = [(case, run) for case in cases if (run := case.failed or case.unknown) is not None]
    if missed:
        lines += [
            "",
            "| expectation | failed | not judged | first seed | instead | again |",
            "|---|---|---|---|---|---|",
        ]
    for case, run in missed:
        name = case.id + (f" in {case.cell}" if case.cell else "")
        command = again(case.cell, run.seed)
        lines.append(
            f"| {_text(name)} | {case.counts['failed']} of {case.runs} "
            f"| {case.counts['unknown']} | {run.seed} | {_text(run.sentence)} "
            f"| {_code(command)} |"
        )
    return "\n".join(lines) + "\n"


def workflow_commands(summary: Summary, cases: Sequence[ExpectationCase]) -> list[str]:
    """The workflow commands of a batch that did not pass, the required expectations first.

    A batch that passes has none, or only warnings: an error at a green job would be read as red.
    """
    kind = "warning" if summary.exit_code == 0 else "error"
    told = [
        (case, case.failed)
        for case in sorted(cases, key=lambda each: each.need != "required")
        if case.failed is not None
    ]
    lines = [
        f"::{kind if case.need == 'required' else 'warning'} "
        f"title={_property(f'{summary.scenario}: {case.id}')}::"
        + _data(
            f"failed in {case.counts['failed']} of {case.runs} runs"
            f"{f' of {case.cell}' if case.cell else ''}; seed {run.seed}: {run.sentence}"
        )
        for case, run in told
    ]
    if summary.exit_code and not lines:
        reasons = ", ".join(f"{count} {reason}" for reason, count in summary.reasons.items())
        lines = [f"::error title={_property(summary.scenario)}::" + _data(reasons or "no run")]
    return lines[:_MOST]


def _text(text: str) -> str:
    """Text in a cell of a table: nothing in it is Markdown or HTML."""
    line = printable_line(text)
    for mark in "\\|`*_<>[]#":
        line = line.replace(mark, f"\\{mark}")
    return line


def _code(command: str) -> str:
    """A command as it is typed; a bar would end the cell even here."""
    line = printable_line(command).replace("|", "\\|")
    return f"`{line}`" if line and "`" not in line else _text(command)


def _data(text: str) -> str:
    line = printable_line(text)
    return line.replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
