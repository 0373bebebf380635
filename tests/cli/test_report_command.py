"""`soundstage report`."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from dummy_report import record
from dummy_run import call

from soundstage.cli.report_command import write_reports
from soundstage.errors import RunFolderError
from soundstage.results import RunFolder

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = [sys.executable, "-c", "from soundstage.cli import soundstage; soundstage()", "report"]


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=50, check=False
    )


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """A folder of two runs, with `latest` beside them."""
    for name in ("a-1", "a-2"):
        record(tmp_path / "runs" / name, call(), ("alice", "bob"), tone=5000)
    (tmp_path / "runs" / "latest").symlink_to("a-2")
    return tmp_path / "runs"


def test_the_page_of_an_old_folder_is_made_again(runs: Path) -> None:
    done = run(runs / "latest")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{runs / 'a-2' / 'report.html'}\n"
    assert 'src="audio/mix.wav"' in (runs / "a-2" / "report.html").read_text("utf-8")


def test_a_page_can_hold_its_sound(runs: Path) -> None:
    assert run(runs / "a-1", "--embed-audio").returncode == 0
    assert "data:audio/webm;base64," in (runs / "a-1" / "report.html").read_text("utf-8")


def test_each_run_in_a_folder_has_its_page_once(runs: Path) -> None:
    written = list(write_reports([runs], embed_audio=False))
    assert written == [runs / name / "report.html" for name in ("a-1", "a-2")]


def test_nothing_but_the_page_is_written(runs: Path) -> None:
    folder = RunFolder.find(runs / "a-1")
    before = {path: path.read_bytes() for path in folder.path.rglob("*") if path.is_file()}
    list(write_reports([folder.path], embed_audio=False))
    after = {path: path.read_bytes() for path in folder.path.rglob("*") if path.is_file()}
    assert after.keys() - before.keys() == {folder.report}
    assert {path: after[path] for path in before} == before


def test_a_folder_without_a_run_is_named(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode == 2
    assert done.stderr == f"soundstage report: {tmp_path}: there is no run in it, nor below it\n"
    with pytest.raises(RunFolderError):
        list(write_reports([tmp_path / "absent"], embed_audio=False))


def test_a_page_that_cannot_be_written_is_told(runs: Path) -> None:
    (runs / "a-1" / "report.html").mkdir()
    (runs / "a-1" / "report.html" / "x").touch()
    done = run(runs / "a-1")
    assert done.returncode == 3
    assert "report.html" in done.stderr


def test_judging_a_run_again_writes_its_page_again(runs: Path) -> None:
    folder = RunFolder.find(runs / "a-1")
    folder.report.write_text("of an earlier verdict")
    file = runs / "more.toml"
    file.write_text('[[expect]]\nid = "sings"\nagent = "alice"\nsaid = "la la la"\n')
    program = "from soundstage.cli import soundstage; soundstage()"
    done = subprocess.run(
        [sys.executable, "-c", program, "judge", str(folder.path), "--with", str(file), "--keep"],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    page = folder.report.read_text("utf-8")
    assert 'data-tone="failed"' in page
    assert 'id="expect-sings"' in page
