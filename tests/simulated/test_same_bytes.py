"""Same file, same seed, same engines: the same bytes, wherever and however it is run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import psutil
import pytest

from soundstage import Run, run_scenario
from soundstage.kernel import Stopwatch
from soundstage.ledger import Unit
from soundstage.sweep import SweepRequest, WorkerPool

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from soundstage.ledger import Row

COMMAND = [sys.executable, "-c", "from soundstage.cli import run_scenario; run_scenario()"]

THREE = """
[scenario]
seed = 11
[agents.ann]
opening_prompt = "Greet."
[agents.ann.local]
lines = ["Hello there.", "Goodbye."]
think = ["100ms", "300ms"]
[agents.ben]
voice = "ash"
[agents.ben.local]
lines = ["Nice to hear you.", "See you soon."]
think = ["100ms", "3s"]
[[links]]
between = ["ann", "ben"]
[end]
turns = 4
max = "30s"
"""


def play(scenario: Path | str, out: Path, *arguments: str, env: Mapping[str, str]) -> Run:
    command = [*COMMAND, str(scenario), "--clock", "virtual", "--ui", "none", "--out", str(out)]
    done = subprocess.run(
        [*command, *arguments],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
        env={**os.environ, **env},
    )
    assert done.returncode == 0, done.stderr
    return Run.load(out)


def sound_and_events(folder: Path) -> dict[str, bytes]:
    files = [folder / "events.jsonl", *sorted((folder / "audio").glob("*.wav"))]
    return {path.name: path.read_bytes() for path in files}


@pytest.mark.timeout(120)
def test_processes_with_other_hashes_and_without_a_cache_write_the_same_bytes(tmp_path: Path):
    file = tmp_path / "three.toml"
    file.write_text(THREE)
    cache = str(tmp_path / "cache")
    ways = (
        ("--no-cache", "0"),
        (f"--cache={cache}", "1"),
        (f"--cache={cache}", "2"),
    )
    for number, (way, seed) in enumerate(ways):
        play(file, tmp_path / str(number), way, env={"PYTHONHASHSEED": seed})
    first = sound_and_events(tmp_path / "0")
    assert len(first) == 4  # the log, two agents and the mix
    for number in (1, 2):
        assert sound_and_events(tmp_path / str(number)) == first


def test_another_stream_for_one_agent_leaves_the_others(tmp_path: Path):
    def gaps(run: Run, agent: str) -> list[float]:
        return [turn.gap for turn in run.turns if turn.agent == agent and turn.gap is not None]

    longer = {"agents.ann.local.think": ["150ms", "800ms"]}
    one = run_scenario(toml=THREE, out=tmp_path / "one")
    other = run_scenario(toml=THREE, set=longer, out=tmp_path / "other")
    assert gaps(other, "ann") != gaps(one, "ann")
    # To a frame: where a thought begins within one depends on when the other was done.
    assert gaps(other, "ben") == pytest.approx(gaps(one, "ben"), abs=0.04)
    assert max(gaps(one, "ben")) - min(gaps(one, "ben")) > 0.1


def test_the_seed_changes_what_is_drawn(tmp_path: Path):
    runs = [run_scenario(toml=THREE, seed=seed, out=tmp_path / f"{seed}") for seed in (11, 12)]
    starts = [[turn.start for turn in run.turns] for run in runs]
    assert starts[0] != starts[1]
    assert [run.seed for run in runs] == [11, 12]


@pytest.mark.prove
@pytest.mark.timeout(1200)
def test_twenty_runs_of_alice_and_bob_are_the_same_bytes(tmp_path: Path):
    first: dict[str, bytes] = {}
    cache = tmp_path / "cache"
    for number in range(20):
        cold = number % 5 == 0
        way = "--no-cache" if number == 10 else f"--cache={cache}"
        if cold:
            shutil.rmtree(cache, ignore_errors=True)
        env = {"PYTHONHASHSEED": str(number)}
        run = play("alice_bob", tmp_path / "run", way, env=env)
        found = sound_and_events(run.folder)
        first = first or found
        assert found == first, f"run {number}"
        print(f"run {number:2}, {'cold' if cold else 'warm'}: {run.fingerprint}")
        shutil.rmtree(run.folder)


@pytest.mark.prove
@pytest.mark.timeout(2400)
def test_a_thousand_runs_leave_nothing_in_their_worker(tmp_path: Path):
    request = SweepRequest(
        file="alice_bob",
        clock="virtual",
        provider=None,
        sets=(),
        out=tmp_path / "out",
        cache=tmp_path / "cache",
    )
    samples: list[tuple[int, int, int, float]] = []
    watch = Stopwatch()

    def done(row: Row) -> None:
        assert row.outcome == "ended", row
        shutil.rmtree(row.unit.folder(request.out))
        number = row.seed + 1
        if number % 100 == 0:
            worker = psutil.Process(pool._workers[0]._process.pid)
            memory = worker.memory_info().rss
            samples.append((memory, worker.num_threads(), worker.num_fds(), watch.seconds))
            print(f"{number:5} runs: {memory / 2**20:.1f} MB, {samples[-1][1:]}")

    pool = WorkerPool(request, jobs=1, done=done)
    pool.run(Unit(batch="b", seed=seed) for seed in range(1000))
    growth = (samples[-1][0] - samples[1][0]) / 2**20 / 8
    rate = 3600 * 900 / (samples[-1][3] - samples[0][3])
    print(f"growth {growth:.3f} MB per 100 runs; {rate:.0f} simulations per hour and core")
    assert growth < 1
    assert {each[1:3] for each in samples} == {samples[0][1:3]}
