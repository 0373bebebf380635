"""What `soundstage selftest` shows: a bar while the runs are made, and a table at the end."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, TextIO

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from soundstage.printable_text import printable_json, printable_line
from soundstage.selftest import run_selftest

if TYPE_CHECKING:
    from soundstage.kernel import Interrupts
    from soundstage.ledger import Row
    from soundstage.selftest import Finding, Findings, SelftestRequest

_STATUS: Final = {
    "caught": "caught",
    "missed": "NOT CAUGHT",
    "undecided": "undecided",
    "no_effect": "no effect",
    "invalid": "not judged",
    "not_planted": "not planted",
}
_STYLES: Final = {
    "caught": "green",
    "missed": "bold red",
    "undecided": "yellow",
    "invalid": "yellow",
}


def cores() -> int:
    """How many runs this machine makes at the same time."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def selftest(
    request: SelftestRequest, interrupts: Interrupts, *, as_json: bool, out: TextIO
) -> int:
    """Make the runs and show what they say; returns the exit code.

    Args:
        request: what is tested.
        interrupts: whether the user has asked to stop.
        as_json: whether the findings are printed as JSON, and nothing else.
        out: gets what is printed.

    Raises:
        ScenarioError: the scenario is wrong.
        RunFolderError: the folder cannot be used.
        RecordingFailed: it cannot be written.
    """
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns,
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    ) as progress:
        task = progress.add_task("runs", total=None)

        def done(row: Row) -> None:
            del row
            progress.advance(task)

        found = run_selftest(
            request,
            done=done,
            begun=lambda total: progress.update(task, total=total),
            asked=lambda: interrupts.reason,
        )
    if as_json:
        out.write(printable_json(msgspec.json.encode(found).decode()) + "\n")
    else:
        show_findings(found, out)
    return interrupts.exit_code or found.exit_code


def show_findings(found: Findings, out: TextIO) -> None:
    """Print the table, and what follows from it.

    Args:
        found: by a selftest.
        out: gets it.
    """
    console = Console(file=out, highlight=False, soft_wrap=True)
    again = found.again
    runs = f"{again.runs} of {again.runs}" if again.status == "identical" else f"{again.runs}"
    console.print(f"A/A       {again.status.replace('_', ' ')}: {runs} runs made twice")
    if again.seeds:
        console.print(f"          seeds that differed: {', '.join(map(str, again.seeds))}")
    console.print(printable_line(f"no fault  {found.without}: {found.without_why}"), markup=False)
    console.print()
    table = Table("fault", "agent", "verdict", "failed", "caught by", box=None, pad_edge=False)
    for each in found.faults:
        failed = f"{each.failed} of {each.runs}" if each.runs else ""
        status = Text(_STATUS[each.status], style=_STYLES.get(each.status, ""))
        table.add_row(each.fault, Text(each.agent), status, failed, Text(_caught(each)))
    console.print(table)
    console.print()
    for line in _conclusions(found):
        console.print(printable_line(line), markup=False)


def _caught(finding: Finding) -> str:
    if finding.why:
        return printable_line(finding.why)
    if finding.status == "missed":
        return f"nothing: {finding.what}"
    return printable_line(", ".join(f"{name} ({runs})" for name, runs in finding.caught_by.items()))


def _conclusions(found: Findings) -> list[str]:
    lines = [
        f"{each.fault} in {each.agent} is caught by {each.only_by} alone"
        for each in found.faults
        if each.only_by
    ]
    if found.idle:
        lines.append(f"no planted fault fails: {', '.join(found.idle)}")
    caught = sum(each.status == "caught" for each in found.faults)
    tried = sum(each.status not in {"not_planted", "no_effect"} for each in found.faults)
    last = f"{caught} of {tried} planted faults caught, {found.runs} runs each"
    if found.missed:
        names = ", ".join(f"{each.fault} in {each.agent}" for each in found.missed)
        last = f"{last}; the scenario passes with: {names}"
    lines.append(last)
    if found.interrupted:
        lines.append("it was broken off: runs are missing")
    elif found.without != "passed":
        lines.append("it cannot be judged: the scenario does not pass without a fault")
    elif found.again.status == "different":
        lines.append("it cannot be judged: the same run came out differently")
    return lines
