"""A batch whose processes are killed at fifty random moments, until it is whole."""

from __future__ import annotations

import random
import subprocess
from collections import Counter
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from dummy_batch import COMMAND, TALK

from soundstage.ledger import LEDGER, pure_part, read_rows

pytestmark = [pytest.mark.prove, pytest.mark.timeout(1500)]

RUNS = 400
KILLS = 50


def command(file: Path, out: Path) -> list[str]:
    batch = ["--clock", "virtual", "--repeat", str(RUNS), "--jobs", "2", "--keep", "failed"]
    return [*COMMAND, str(file), *batch, "--ui", "none", "--out", str(out)]


def victims(running: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """The coordinator and its workers, those that have begun."""
    with suppress(psutil.NoSuchProcess):
        coordinator = psutil.Process(running.pid)
        return [coordinator, *coordinator.children(recursive=True)]
    return []


def rows_in(out: Path) -> int:
    """Lines of the ledger, the one that is being written included."""
    with suppress(OSError):
        return (out / LEDGER).read_bytes().count(b"\n")
    return 0


def has_ended(running: subprocess.Popen[bytes], within: float) -> bool:
    try:
        assert running.wait(within) == 0
    except subprocess.TimeoutExpired:
        return False
    return True


def wait_for_the_moment(running: subprocess.Popen[bytes], out: Path, draw: random.Random) -> bool:
    """Wait for some more rows and some more time; one time in eight, only for a moment after the
    start. Returns whether the batch is whole before that."""
    wanted = rows_in(out) + (draw.randrange(14) if draw.random() < 7 / 8 else 0)
    while rows_in(out) < wanted:
        if has_ended(running, 0.02):
            return True
    return has_ended(running, draw.uniform(0.01, 0.4))


def run_until_killed(file: Path, out: Path, left: int, draw: random.Random) -> Counter[str]:
    """Run the batch, and kill something of it now and then, until the coordinator is dead."""
    kills: Counter[str] = Counter()
    with subprocess.Popen(command(file, out)) as running:
        while kills.total() < left and not wait_for_the_moment(running, out, draw):
            found = victims(running)
            if found:
                place = draw.randrange(len(found))
                with suppress(psutil.NoSuchProcess):
                    found[place].kill()
                kills["worker" if place else "coordinator"] += 1
            if kills["coordinator"]:
                break
        running.kill()
    return kills


def test_fifty_kills_cost_no_row_and_change_none(tmp_path: Path):
    file = tmp_path / "talk.toml"
    file.write_text(TALK)
    draw = random.Random(16)
    out = tmp_path / "killed"
    kills: Counter[str] = Counter()
    while kills.total() < KILLS:
        before = kills.total()
        kills += run_until_killed(file, out, KILLS - before, draw)
        if kills.total() == before:
            break
    print(f"{dict(kills)} killed; {len(list(read_rows(out)))} of {RUNS} rows then")
    assert kills.total() >= KILLS, "the batch was whole before it was killed often enough"
    for folder in (out, tmp_path / "whole"):
        done = subprocess.run(command(file, folder), timeout=400, check=False)
        assert done.returncode == 0
    lines = (out / LEDGER).read_bytes().splitlines()
    assert len(lines) == RUNS
    assert sorted(row.seed for row in read_rows(out)) == list(range(RUNS))
    killed, whole = (sorted(map(pure_part, read_rows(each))) for each in (out, tmp_path / "whole"))
    assert killed == whole
    assert {path.name for path in out.glob("seed-*")} == {f"seed-{seed}" for seed in range(RUNS)}
