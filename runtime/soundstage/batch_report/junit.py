"""`junit.xml` of a batch, for the test reports of CI systems: a case for each expectation and cell.

It is never greener than the exit code, and no redder: where `[verdict]` allows some runs to fail,
an expectation that fails in a few is told in its case's output, and the verdict's case decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from soundstage.printable_text import printable
from soundstage.results import save_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from soundstage.batch_report.expectation_counts import ExpectationCase, FailedRun
    from soundstage.sweep import Summary

JUNIT: Final = "junit.xml"
"""Of a batch, in its folder."""


def write_junit(
    folder: Path,
    summary: Summary,
    cases: Sequence[ExpectationCase],
    again: Callable[[str, int], str],
) -> None:
    """Write the file.

    Args:
        folder: of the batch.
        summary: of it.
        cases: what became of its expectations.
        again: the command that plays the run of a cell and seed once more; empty where it is not
            known.

    Raises:
        RecordingFailed: it cannot be written.
    """
    suites = ET.Element("testsuites", name=summary.scenario, time=f"{summary.wall:.3f}")
    for cell in summary.cells:
        suite = ET.SubElement(suites, "testsuite", name=_suite(summary, cell.cell))
        _add_runs(suite, summary, cell.cell)
        for case in cases:
            if case.cell == cell.cell:
                _add_expectation(suite, summary, case, again)
        _count(suite)
    _count(suites)
    ET.indent(suites)
    save_text(folder / JUNIT, ET.tostring(suites, encoding="unicode", xml_declaration=True) + "\n")


def _suite(summary: Summary, cell: str) -> str:
    return f"{summary.scenario} [{cell}]" if cell else summary.scenario


def _case(suite: ET.Element, name: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=suite.get("name", ""), name=name)


def _add_runs(suite: ET.Element, summary: Summary, name: str) -> None:
    """The case of the runs themselves: it carries what the exit code does."""
    cell = next(each for each in summary.cells if each.cell == name)
    found = _case(suite, "verdict" if cell.verdict else "runs")
    told = f"{cell.passed} of {cell.judged} judged runs passed, {cell.invalid} are invalid"
    if cell.verdict is not None:
        if cell.verdict.verdict == "failed":
            _add(found, "failure", cell.verdict.sentence, told)
        elif cell.verdict.verdict != "passed":
            _add(found, "error", cell.verdict.sentence, told)
    elif cell.passed < cell.judged:
        _add(found, "failure", f"{cell.judged - cell.passed} runs failed", told)
    elif cell.invalid:
        _add(found, "error", f"{cell.invalid} runs could not be judged", told)
    if summary.owed:
        _add(found, "error", f"{summary.owed} runs are not made yet", told)
    if summary.differences:
        _add(found, "error", f"{summary.differences} seeds gave two different runs", told)
    for metric in summary.expectations:
        if metric.cell == name:
            over = _case(suite, f"{metric.id} over all runs")
            kind = {"failed": "failure", "passed": ""}.get(metric.status, "error")
            if kind and metric.need == "required":
                _add(over, kind, metric.sentence, metric.sentence)


def _add_expectation(
    suite: ET.Element,
    summary: Summary,
    case: ExpectationCase,
    again: Callable[[str, int], str],
) -> None:
    found = _case(suite, case.id)
    told = ", ".join(f"{count} {status}" for status, count in sorted(case.counts.items()))
    for kind, run in (("failure", case.failed), ("error", case.unknown)):
        if run is None:
            continue
        text = f"{_told(run)}\n{told} in {case.runs} runs\n{again(case.cell, run.seed)}".rstrip()
        if case.need == "required" and not summary.verdict:
            _add(found, kind, run.sentence, text)
        else:
            ET.SubElement(found, "system-out").text = printable(text)


def _told(run: FailedRun) -> str:
    at = "" if run.at is None else f" at {run.at:.2f} s"
    who = f", {run.agent}" if run.agent else ""
    return f"seed {run.seed}{at}{who}: {run.sentence}"


def _add(case: ET.Element, kind: str, message: str, text: str) -> None:
    added = ET.SubElement(case, kind, message=printable(message))
    added.text = printable(text)


def _count(suite: ET.Element) -> None:
    cases = list(suite.iter("testcase"))
    suite.set("tests", str(len(cases)))
    for kind, name in (("failure", "failures"), ("error", "errors")):
        suite.set(name, str(sum(case.find(kind) is not None for case in cases)))
