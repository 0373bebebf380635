"""`soundstage judge`: judges runs again from their folders."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final, TextIO

import msgspec

from soundstage.cache import default_folder, open_cache
from soundstage.expectations import OtherDemands, judge_again
from soundstage.messages.outcome import EXIT_ENDED, EXIT_FAILED, EXIT_INVALID
from soundstage.printable_text import printable_json, printable_line
from soundstage.report import write_report
from soundstage.results import RunFolder, runs_at, shown_verdict, write_expectations

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from soundstage.results import Judged

_WORST: Final = (EXIT_FAILED, EXIT_INVALID)


def judge_runs(
    paths: Sequence[Path], *, other: Path | None, keep: bool, as_json: bool, out: TextIO
) -> int:
    """Judge runs, and show what did not pass; returns the exit code.

    Args:
        paths: folders of runs, or folders with such folders in them.
        other: a file with what is expected in place of what was.
        keep: whether `expectations.json` and `report.html` of each run are written anew.
        as_json: whether each run is one line of JSON.
        out: gets the lines.

    Returns:
        1 if an agent under test has failed in one of them, else 3 if one of them could not be
        judged, else 0.

    Raises:
        RunFolderError: there is no run, or one cannot be read.
        ScenarioError: the file is wrong.
        RecordingFailed: the results cannot be kept.
    """
    demands = None if other is None else OtherDemands(other)
    cache = open_cache(default_folder())
    codes: set[int] = set()
    count = passed = 0
    for path in runs_at(paths):
        judged = judge_again(path, demands, cache)
        folder = RunFolder.find(path)
        if keep:
            write_expectations(folder, judged.report)
            write_report(folder)
        code = judged.outcome.exit_code
        count, passed = count + 1, passed + (code == EXIT_ENDED)
        codes.add(code if code in {EXIT_ENDED, EXIT_FAILED} else EXIT_INVALID)
        _show(path, folder, judged, out, as_json=as_json)
    if not as_json:
        out.write(f"{passed} of {count} runs came out well\n")
    return next((code for code in _WORST if code in codes), EXIT_ENDED)


def _show(path: Path, folder: RunFolder, judged: Judged, out: TextIO, *, as_json: bool) -> None:
    if as_json:
        line = {"run": str(path), **msgspec.to_builtins(judged.report)}
        del line["demands"], line["states"]
        out.write(printable_json(msgspec.json.encode(line).decode()) + "\n")
        return
    verdicts = judged.report.verdicts
    counts = ", ".join(
        f"{count} {status}"
        for status in ("passed", "failed", "unknown", "skipped", "deferred")
        if (count := sum(each.status == status for each in verdicts))
    )
    reason = f"{judged.outcome.kind}: {judged.outcome.reason}"
    out.write(printable_line(f"{path}: {reason} ({counts or 'nothing'})") + "\n")
    for each in verdicts:
        if each.status in {"failed", "unknown"}:
            text = shown_verdict(each, folder)
            out.write("".join(f"  {line}\n" for line in text.splitlines()))
    sys.stdout.flush()
