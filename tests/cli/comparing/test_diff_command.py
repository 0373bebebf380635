"""`soundstage diff`."""

from __future__ import annotations

import json
import subprocess
import sys
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from dummy_report import record
from dummy_run import call, started, turn
from msgspec.structs import replace

from soundstage.cli.comparing.diff_command import diff
from soundstage.messages.events import Turn

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = [sys.executable, "-c", "from soundstage.cli import soundstage; soundstage()", "diff"]


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=50, check=False
    )


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, Path]:
    """A call, and the same with other words in its last turn."""
    other = [
        replace(event, said="[red]No.", generated="[red]No.")
        if isinstance(event, Turn) and event.number == 4
        else event
        for event in call()
    ]
    agents = ("alice", "bob")
    return record(tmp_path / "a", call(), agents).path, record(tmp_path / "b", other, agents).path


def test_equal_runs_exit_with_0(runs) -> None:
    done = run(runs[0], runs[0])
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("\nequal: every event and recording\n")


def test_different_runs_exit_with_1_and_show_both_sides_words(runs) -> None:
    done = run(*runs)
    assert (done.returncode, done.stderr) == (1, "")
    assert "other words\n  A  10.000 s  bob said: “It rains.”\n" in done.stdout
    assert "  B  10.000 s  bob said: “[red]No.”\n" in done.stdout
    row = next(line for line in done.stdout.splitlines() if " | " in line and "0:10" in line)
    assert row.split() == [
        "0:10.0", "bob", "said:", "“It", "rains.”", "|", "0:10.0", "bob", "said:", "“[red]No.”",
    ]  # fmt: skip


def test_json_is_one_line_on_the_standard_output(runs) -> None:
    done = run(*runs, "--json")
    assert done.returncode == 1
    (line,) = done.stdout.splitlines()
    assert json.loads(line)["first"]["b"]["words"] == "[red]No."


def test_a_folder_that_is_no_run_exits_with_2_and_says_what_to_name(runs, tmp_path: Path) -> None:
    done = run(runs[0], tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"soundstage diff: {tmp_path} is not the folder of a run: there is no events.jsonl in it\n"
    )


def test_long_tables_are_cut_and_say_so(tmp_path: Path) -> None:
    logs = [
        [started(), *(turn(n, "bob", n, n + 0.5, f"{word} {n}") for n in range(1, 100))]
        for word in ("one", "two")
    ]
    a, b = (
        record(tmp_path / name, log, ("alice", "bob")).path
        for name, log in zip("ab", logs, strict=True)
    )
    out = StringIO()
    assert diff(a, b, every=False, rows=5, as_json=False, out=out) == 1
    assert "and 94 more rows: --rows 0 shows all\n" in out.getvalue()
    out = StringIO()
    diff(a, b, every=False, rows=0, as_json=False, out=out)
    assert "“two 99”" in out.getvalue()
