"""The same command again: what is missing is made, and nothing else."""

import json
import subprocess
from pathlib import Path

import pytest
from dummy_batch import COMMAND, SEEDED

from soundstage.ledger import pure_part, read_rows
from soundstage.sweep import merge

pytestmark = pytest.mark.timeout(110)

SHORT = (
    SEEDED
    + """
[[expect]]
id = "greets"
agent = "ann"
said = "hello"
why = "Manners."
[[expect]]
id = "prompt"
agent = "ben"
metric = "response_gap.p95"
at_most = "2s"
over = "batch"
"""
)


@pytest.fixture
def short(tmp_path: Path) -> Path:
    file = tmp_path / "short.toml"
    file.write_text(SHORT)
    return file


def command(file: Path, out: Path, count: int, *arguments: str) -> list[str]:
    repeat = ["--clock", "virtual", "--repeat", str(count), "--ui", "json", "--out", str(out)]
    return [*COMMAND, str(file), *repeat, *arguments]


def repeat(file: Path, out: Path, count: int, *arguments: str) -> tuple[int, list[int], str]:
    """Exit code, the seeds that were run, in order, and what was said on the error channel."""
    done = subprocess.run(
        command(file, out, count, *arguments),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    made = sorted(json.loads(line)["seed"] for line in done.stdout.splitlines())
    return done.returncode, made, done.stderr


def pure_rows(out: Path) -> list[bytes]:
    return sorted(map(pure_part, read_rows(out)))


def test_the_same_command_makes_what_is_missing(short: Path, tmp_path: Path):
    out = tmp_path / "out"
    assert repeat(short, out, 2)[:2] == (0, [3, 4])
    short.write_text(SHORT.replace("Manners.", "Good manners."))
    code, made, _ = repeat(short, out, 4, "--jobs", "1")
    assert (code, made) == (0, [5, 6])
    assert repeat(short, out, 4)[:2] == (0, [])
    summary = json.loads((out / "summary.json").read_text())
    assert (summary["asked"], summary["runs"]) == (4, 4)
    row = next(iter(read_rows(out)))
    assert [each.id for each in row.expectations][:2] == ["greets", "prompt"]
    assert len(row.pools["prompt"].values) == 1
    assert row.deterministic
    short.write_text(SHORT.replace('"ash"', '"coral"'))
    code, made, said = repeat(short, out, 4)
    assert (code, made) == (2, [])
    assert 'agents.ben.voice: "coral", was "ash"' in said


def test_shards_are_together_what_one_command_makes(short: Path, tmp_path: Path):
    parts = [tmp_path / "1", tmp_path / "2"]
    for number, part in enumerate(parts, 1):
        code, made, _ = repeat(short, part, 4, "--shard", f"{number}/2", "--jobs", "1")
        assert (code, made) == (0, [2 + number, 4 + number])
    repeat(short, tmp_path / "whole", 4, "--jobs", "2")
    merge(parts, tmp_path / "out")
    assert pure_rows(tmp_path / "out") == pure_rows(tmp_path / "whole")
    assert repeat(short, tmp_path / "out", 4)[:2] == (0, [])


def test_a_batch_that_was_killed_ends_as_one_that_was_not(short: Path, tmp_path: Path):
    out = tmp_path / "killed"
    with subprocess.Popen(
        command(short, out, 8, "--jobs", "2"), stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        running.stdout.readline()
        running.kill()
    before = len(list(read_rows(out)))
    assert 0 < before < 8
    code, made, said = repeat(short, out, 8, "--jobs", "2")
    assert code == 0, said
    assert len(made) == 8 - before
    assert repeat(short, tmp_path / "whole", 8, "--jobs", "1")[0] == 0
    assert len(pure_rows(out)) == 8
    assert pure_rows(out) == pure_rows(tmp_path / "whole")
    assert not (out / ".unfinished").exists()
