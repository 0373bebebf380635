"""`soundstage diff`: two runs beside each other, from the first event on that differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TextIO

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from soundstage.cli.plain_view import clock_of
from soundstage.comparison import diff_runs
from soundstage.messages.outcome import EXIT_ENDED, EXIT_FAILED
from soundstage.printable_text import printable_json, printable_line

if TYPE_CHECKING:
    from pathlib import Path

    from soundstage.comparison import DiffedRun, Divergence, RunDiff, Side

_SETTINGS: Final = 12
_NARROWEST: Final = 100
"""Columns of the table where the terminal does not say how wide it is, or is too narrow."""

_STYLES: Final = {"=": "dim", "~": "yellow", "|": "red", "<": "red", ">": "red"}


def diff(mine: Path, theirs: Path, *, every: bool, rows: int, as_json: bool, out: TextIO) -> int:
    """Show what differs between two runs.

    Args:
        mine: the folder of the first run.
        theirs: the folder of the second run.
        every: whether all events are shown; without it, what was said and done.
        rows: how many rows are shown at most; 0 for all. JSON has all.
        as_json: whether it is one line of JSON.
        out: gets it.

    Returns:
        0 if they are equal, 1 if they differ.

    Raises:
        RunFolderError: one of them is no run, has no event log, or cannot be read.
    """
    found = diff_runs(mine, theirs, every=every)
    if as_json:
        out.write(printable_json(msgspec.json.encode(found).decode()) + "\n")
    else:
        _show(found, rows, out)
    return EXIT_ENDED if found.equal else EXIT_FAILED


def _show(found: RunDiff, rows: int, out: TextIO) -> None:
    lines = [f"A  {_about(found.a)}", f"B  {_about(found.b)}"]
    lines += [
        f"set  {each.path}: {each.a or 'nothing'} | {each.b or 'nothing'}"
        for each in found.settings[:_SETTINGS]
    ]
    if len(found.settings) > _SETTINGS:
        lines.append(f"set  and {len(found.settings) - _SETTINGS} more, see --json")
    if not found.timed:
        lines.append("timed by a clock on the wall: times, and what depends on them, do not count")
    lines.append("")
    if found.first is not None:
        lines += _about_first(found.first)
    elif found.sound:
        lines.append(f"all events are equal; the sound differs: {', '.join(found.sound)}")
    else:
        lines.append("equal: every event" + (" and recording" if found.timed else ""))
    out.write("".join(printable_line(line) + "\n" for line in lines))
    if found.rows:
        _show_rows(found, rows, out)


def _about(run: DiffedRun) -> str:
    ended = f"{run.outcome}: {run.reason}"
    return f"{run.folder}  {run.scenario}, seed {run.seed}, {ended}, {run.duration:.2f} s"


def _about_first(first: Divergence) -> list[str]:
    equal = f"{first.common} event{'' if first.common == 1 else 's'} equal, then differs"
    what = {
        "words": "other words",
        "time": "the same, at another time",
        "event": "something else happens",
        "detail": "the same, with other details",
        "length": "one run has nothing more",
        "sound": "the sound alone",
    }[first.what]
    return [f"{equal}: {what}", f"  A  {_told(first.a)}", f"  B  {_told(first.b)}", ""]


def _told(side: Side | None) -> str:
    if side is None:
        return "(the run is over)"
    return f"{side.at:.3f} s  {side.text}"


def _show_rows(found: RunDiff, rows: int, out: TextIO) -> None:
    console = Console(file=out, highlight=False)
    if not console.is_terminal or console.width < _NARROWEST:
        console.width = max(_NARROWEST, console.width)
    table = Table("", "A", "", "", "B", box=None, pad_edge=False, expand=True)
    for column, ratio in zip(table.columns, (None, 1, None, None, 1), strict=True):
        column.ratio = ratio
        column.no_wrap = ratio is None
        column.overflow = "fold"
    shown = found.rows[:rows] if rows else found.rows
    for row in shown:
        style = _STYLES[row.mark]
        a, b = _cells(row.a), _cells(row.b)
        table.add_row(*a, Text(row.mark, style), *b, style=None if row.mark != "=" else style)
    console.print(table)
    if len(shown) < len(found.rows):
        out.write(f"and {len(found.rows) - len(shown)} more rows: --rows 0 shows all\n")
    out.write("= equal   ~ at another time   | different   < only in A   > only in B\n")


def _cells(side: Side | None) -> tuple[Text, Text]:
    """The time and the words of a side, as text: in brackets, rich would find its own marks."""
    if side is None:
        return Text(""), Text("")
    return Text(clock_of(side.pts)), Text(side.text)
