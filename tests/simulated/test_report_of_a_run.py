"""Every run has a page, which changes nothing else."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from time import process_time
from typing import TYPE_CHECKING

import pytest

from soundstage.report import page, write_report
from soundstage.run import cache_for, play
from soundstage.scenario import load_scenario

if TYPE_CHECKING:
    from pathlib import Path

    from soundstage.run import Played

COMMAND = [sys.executable, "-c", "from soundstage.cli import run_scenario; run_scenario()"]
SHORT = """
[agents.ann]
kind = "scripted"
lines = ["Hello there."]
[agents.ben]
kind = "scripted"
[[links]]
between = ["ann", "ben"]
[end]
turns = TURNS
silence = "30s"
max = "12s"
"""


def played(folder: Path, *, turns: int = 1) -> Played:
    file = folder / "short.toml"
    file.write_text(SHORT.replace("TURNS", str(turns)))
    return play(load_scenario(str(file), clock="virtual"), out=folder / "run")


def test_every_run_has_a_page(tmp_path: Path):
    run = played(tmp_path)
    assert run.outcome.exit_code == 0
    assert "Hello there." in run.folder.report.read_text("utf-8")
    assert run.unreported == ""


def test_a_run_that_failed_has_a_page_that_says_so(tmp_path: Path):
    run = played(tmp_path, turns=5)
    assert run.outcome.exit_code == 1
    assert 'data-tone="failed"' in run.folder.report.read_text("utf-8")


def test_a_page_that_cannot_be_made_changes_no_outcome(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_: object, **__: object) -> str:
        raise ZeroDivisionError("a fault of the page")

    monkeypatch.setattr(page, "report_html", broken)
    run = played(tmp_path)
    assert run.outcome.exit_code == 0
    assert "a fault of the page" in run.unreported
    assert json.loads(run.folder.result.read_bytes())["outcome"] == "ended"


@pytest.mark.prove
@pytest.mark.timeout(300)
def test_the_page_takes_less_than_3_percent_of_a_warm_run(tmp_path: Path):
    cache = cache_for("virtual", tmp_path / "cache")
    whole: list[float] = []
    page_alone: list[float] = []
    for number in range(12):
        scenario = load_scenario("alice_bob", clock="virtual")
        begun = process_time()
        run = play(scenario, out=tmp_path / str(number), cache=cache)
        played_by = process_time()
        write_report(run.folder)
        page_alone.append(process_time() - played_by)
        whole.append(played_by - begun)
    # The first ones load what the others find.
    share = statistics.median(page_alone[2:]) / statistics.median(whole[2:])
    print(f"the page takes {share:.1%} of a warm run's CPU time")
    assert share < 0.03


def test_the_command_makes_a_page_and_says_where(tmp_path: Path):
    (tmp_path / "short.toml").write_text(SHORT.replace("TURNS", "1"))
    options = ["--clock", "virtual", "--ui", "plain", "--out", str(tmp_path / "run")]
    done = subprocess.run(
        [*COMMAND, str(tmp_path / "short.toml"), *options],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert f"report      {tmp_path / 'run' / 'report.html'}" in done.stdout
    assert (tmp_path / "run" / "report.html").is_file()
