"""`run-scenario --against`: two files with the same seeds, and what has changed."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from dummy_variants import SOLD_OUT, STRICT

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = [sys.executable, "-c", "from soundstage.cli import run_scenario; run_scenario()"]


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=280, check=False
    )


@pytest.mark.timeout(300)
def test_both_files_are_run_with_the_same_seeds_and_compared(tmp_path: Path) -> None:
    old, new = tmp_path / "old.toml", tmp_path / "new.toml"
    old.write_text(STRICT)
    new.write_text(SOLD_OUT)
    batch = ("--clock", "virtual", "--repeat", "3", "--jobs", "1", "--ui", "none")

    done = run(new, *batch, "--against", old, "--out", tmp_path / "out")

    assert done.returncode == 1, done.stderr
    assert "set      agents.shop.local.rules.1.say: " in done.stdout
    assert (tmp_path / "out" / "before" / "ledger.jsonl").read_text().count("\n") == 3
    assert (tmp_path / "out" / "after" / "ledger.jsonl").read_text().count("\n") == 3


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((), "say how many there are"),
        (("--repeat", "3", "--shard", "1/2"), "--shard do not go with it"),
        (("--repeat", "3", "--ui", "json"), "--against prints for people"),
    ],
)
def test_what_cannot_be_compared_is_refused(arguments, reason) -> None:
    done = run("refund", *arguments, "--against", "refund")
    assert done.returncode == 2
    assert reason in done.stderr
