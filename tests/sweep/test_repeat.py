"""Many seeds in worker processes, as the command runs them."""

import json
import os
import signal
import subprocess
import threading
from pathlib import Path

import pytest
from dummy_batch import COMMAND, SEEDED

from soundstage import Run, run_scenario
from soundstage.expectations import judge_again
from soundstage.kernel import Stopwatch
from soundstage.ledger import Unit, read_rows
from soundstage.messages import events
from soundstage.report import write_report
from soundstage.results import RunFolder, read_events, runs_at
from soundstage.sweep import SweepRequest, WorkerPool

pytestmark = pytest.mark.timeout(110)

ENDLESS = [*COMMAND, "--clock", "virtual", "--repeat", "5000", "--ui", "json"]


FRAGILE = (
    SEEDED
    + """
[agents.cat]
kind = "./fragile.py:Fragile"
[[links]]
from = "ann"
to = "cat"
"""
)

PROGRAM = """
import os
from soundstage import Agent, Heard, handles

class Fragile(Agent):
    @handles(Heard)
    def judge(self, heard):
        if self.context.stream("x").random() > {limit}:
            {deed}
"""


@pytest.fixture
def short(tmp_path: Path) -> Path:
    file = tmp_path / "short.toml"
    file.write_text(SEEDED)
    return file


def fragile(folder: Path, deed: str, limit: float = 0.5) -> Path:
    (folder / "fragile.py").write_text(PROGRAM.format(limit=limit, deed=deed))
    file = folder / "fragile.toml"
    file.write_text(FRAGILE)
    return file


def repeat(file: Path, *arguments: object, within: float = 100) -> tuple[int, str, str]:
    command = [*COMMAND, str(file), "--clock", "virtual", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=within, check=False)
    return done.returncode, done.stdout, done.stderr


def test_every_seed_is_a_run_of_its_own_and_jobs_change_nothing(short: Path, tmp_path: Path):
    for jobs in (1, 2):
        code, out, err = repeat(short, "--repeat", 3, "--jobs", jobs, "--out", tmp_path / f"{jobs}")
        assert code == 0, err
        assert "3 of 3 runs, 6 turns" in out
    for seed in (3, 4, 5):
        one, two = (Run.load(tmp_path / jobs / f"seed-{seed}") for jobs in "12")
        alone = run_scenario(short, seed=seed, out=tmp_path / f"alone-{seed}")
        assert one.seed == seed
        assert one.fingerprint == two.fingerprint == alone.fingerprint
    assert (tmp_path / "1" / "turns.csv").read_text() == (tmp_path / "2" / "turns.csv").read_text()


def outcomes(stdout: str) -> dict[int, tuple[str, str, str]]:
    reports = [json.loads(line) for line in stdout.splitlines()]
    return {
        each["seed"]: (each["outcome"], each["reason"], each["explanation"]) for each in reports
    }


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('["100ms", "900ms"]', '"100ms"', ["all 3 runs were equal: nothing in the file varies"]),
        (
            'think = ["100ms", "900ms"]\n[agents.ben]',
            '[agents.ben]\non_fault = { one_of = ["leave", "end"] }',
            [
                'varies  agents.ben.on_fault: "leave" or "end"',
                'varies  agents.ben.local.think: "100ms" to "900ms", drawn each time',
            ],
        ),
    ],
)
def test_what_varies_is_said_and_whether_it_changed_anything(
    tmp_path: Path, before: str, after: str, said: list[str]
):
    file = tmp_path / "short.toml"
    file.write_text(SEEDED.replace(before, after))
    code, out, _ = repeat(file, "--repeat", 3, "--ui", "plain", "--out", tmp_path / "out")
    shown = out.splitlines()
    assert [line for line in shown if line.startswith(("varies", "all "))] == said
    assert code == 0


def test_each_seed_plays_what_it_has_drawn(tmp_path: Path):
    file = tmp_path / "short.toml"
    file.write_text(SEEDED.replace('"Hello there."', '{ one_of = ["Hello there.", "Good day."] }'))
    code, out, _ = repeat(file, "--repeat", 4, "--ui", "json", "--out", tmp_path / "out")
    assert code == 0
    drawn = {each["seed"]: each["drawn"] for each in map(json.loads, out.splitlines())}
    for seed, values in drawn.items():
        run = Run.load(tmp_path / "out" / f"seed-{seed}")
        assert dict(run.drawn) == values
        assert run.turns[0].text == values["agents.ann.local.lines[0]"]
    assert len({str(values) for values in drawn.values()}) == 2


def test_a_worker_that_dies_is_reported_and_the_others_go_on(tmp_path: Path):
    file = fragile(tmp_path, f"os.kill(os.getpid(), {signal.SIGKILL:d})")
    code, out, _ = repeat(
        file, "--repeat", 6, "--jobs", 2, "--ui", "json", "--out", tmp_path / "out"
    )
    found = outcomes(out)
    dead = {seed for seed, each in found.items() if each[1] == "worker"}
    assert found.keys() == {3, 4, 5, 6, 7, 8}
    assert 0 < len(dead) < 6
    for seed, each in found.items():
        expected = ("invalid", "worker", "the worker that ran it was killed by SIGKILL")
        assert each == (expected if seed in dead else ("ended", "turns", ""))
    assert code == 3
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["seeds"] == sorted(dead)


def test_workers_that_always_die_are_given_up(tmp_path: Path):
    file = fragile(tmp_path, "os._exit(7)", limit=-1)
    code, out, _ = repeat(
        file, "--repeat", 40, "--jobs", 2, "--ui", "json", "--out", tmp_path / "out"
    )
    found = outcomes(out)
    assert len(found) == 40
    assert set(found.values()) == {("invalid", "worker", "the worker that ran it exited with 7")}
    assert code == 3


def test_a_run_that_fails_fails_all(tmp_path: Path):
    file = fragile(tmp_path, "raise RuntimeError('fragile')")
    code, out, _ = repeat(
        file, "--repeat", 4, "--jobs", 1, "--ui", "json", "--out", tmp_path / "out"
    )
    kinds = {each[:2] for each in outcomes(out).values()}
    assert kinds == {("failed", "fault:cat"), ("ended", "turns")}
    assert code == 1


def test_of_runs_that_ended_well_only_the_log_is_kept_where_that_is_asked(tmp_path: Path):
    file = fragile(tmp_path, "raise RuntimeError('fragile')")
    out = tmp_path / "out"
    code, told, _ = repeat(
        file, "--repeat", 4, "--jobs", 1, "--ui", "json", "--out", out, "--keep", "failed"
    )
    assert code == 1
    kept = {"events.jsonl.gz", "expectations.json", "result.json"}
    for seed, (outcome, *_) in outcomes(told).items():
        folder = out / f"seed-{seed}"
        names = {path.name for path in folder.iterdir()}
        assert (names == kept) is (outcome == "ended")
        assert ("report.html" in names) is (outcome == "failed")
        assert Run.load(folder).outcome == outcome
        assert judge_again(folder).outcome.kind == outcome
        whole = run_scenario(file, seed=seed, out=tmp_path / f"whole-{seed}", check=False)
        assert Run.load(folder).transcript == whole.transcript
        assert write_report(RunFolder(folder)).is_file()
    assert len(list(runs_at([out]))) == 4


def test_the_sound_that_is_kept_may_be_packed(short: Path, tmp_path: Path):
    for form in ("wav", "flac"):
        arguments = ("--repeat", 1, "--out", tmp_path / form, "--sound", form, "--jobs", 1)
        assert repeat(short, *arguments)[0] == 0
    plain, packed = (Run.load(tmp_path / form / "seed-3") for form in ("wav", "flac"))
    assert (plain.audio("ann") == packed.audio("ann")).all()
    assert not list((packed.folder / "audio").glob("*.wav"))
    one, other = (list(read_rows(tmp_path / form)) for form in ("wav", "flac"))
    assert one[0].fingerprint == other[0].fingerprint


def test_nothing_but_the_ledger_is_kept_where_that_is_asked(short: Path, tmp_path: Path):
    out = tmp_path / "out"
    assert repeat(short, "--repeat", 2, "--out", out, "--keep", "none")[0] == 0
    assert not list(out.glob("seed-*"))
    assert len(list(read_rows(out))) == 2


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_whoever_breaks_it_off_keeps_what_was_finished(
    short: Path, tmp_path: Path, kind: signal.Signals
):
    out = tmp_path / "out"
    running = subprocess.Popen(
        [*ENDLESS, str(short), "--jobs", "2", "--out", str(out)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    lines = [running.stdout.readline() for _ in range(3)]
    running.send_signal(kind)
    rest, _ = running.communicate(timeout=30)
    reports = outcomes("".join(lines) + rest)
    assert running.returncode == (130 if kind is signal.SIGINT else 143)
    assert len(reports) < 5000
    summary = json.loads((out / "summary.json").read_text())
    assert summary["runs"] == len(reports)
    assert all(outcome != "interrupted" for outcome, _, _ in reports.values())
    assert {int(path.name.removeprefix("seed-")) for path in out.glob("seed-*")} == reports.keys()
    for seed, (outcome, _, _) in reports.items():
        *_, last = read_events(RunFolder(out / f"seed-{seed}").log)
        assert isinstance(last, events.RunEnded)
        assert last.outcome == outcome
        assert (out / f"seed-{seed}" / "result.json").is_file()


def test_no_worker_outlives_the_process_that_started_it(short: Path, tmp_path: Path):
    running = subprocess.Popen(
        [*ENDLESS, str(short), "--jobs", "1", "--out", str(tmp_path / "out")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    running.stdout.readline()
    running.kill()
    # The worker holds the other end of this pipe: it closes when the last process has ended.
    _, err = running.communicate(timeout=30)
    assert "Traceback" not in err


@pytest.mark.realtime
def test_a_second_signal_ends_workers_that_hang_within_a_second(tmp_path: Path):
    file = fragile(tmp_path, "print('hangs', flush=True)\n            while True: pass", limit=-1)
    running = subprocess.Popen(
        [*ENDLESS[:-1], "none", str(file), "--jobs", "2", "--out", str(tmp_path / "out")],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    try:
        assert [running.stdout.readline() for _ in range(2)] == ["hangs\n"] * 2
        running.send_signal(signal.SIGINT)
        threading.Event().wait(0.3)
        watch = Stopwatch()
        running.send_signal(signal.SIGINT)
        # The workers hold the other end of this pipe: it closes when the last one has ended.
        running.communicate(timeout=20)
    finally:
        running.kill()
    assert watch.seconds < 1.0
    assert running.returncode == 130


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--jobs", "2"), "--jobs says how many of --repeat"),
        (("--sound", "flac"), "in which --repeat keeps sound"),
        (("--engine", "ray"), "makes the runs of --repeat"),
        (("--repeat", "2", "--address", "x:1"), "for --engine ray"),
        (("--shard", "1/2"), "--shard says which part of --repeat"),
        (("--repeat", "4", "--shard", "3/2"), "write I/N"),
        (("--keep", "none"), "--keep says which runs of --repeat"),
        (("--cache", "x", "--no-cache"), "contradict each other"),
        (("--repeat", "2", "--out", "."), "holds no batch"),
        (("--repeat", "2", "--speaker"), "plays one run"),
        (("--repeat", "2", "--watch"), "shows one run"),
    ],
)
def test_what_makes_no_sense_is_refused(short: Path, arguments, said):
    done = subprocess.run(
        [*COMMAND, str(short), "--clock", "virtual", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        cwd=short.parent,
    )
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr


@pytest.mark.realtime
def test_live_runs_are_repeated_too(short: Path, tmp_path: Path):
    command = [*COMMAND, str(short), "--repeat", "2", "--jobs", "64"]
    done = subprocess.run(
        [*command, "--ui", "plain", "--out", str(tmp_path / "out")],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    cores = len(os.sched_getaffinity(0))
    assert f"{cores} at once, one for each core" in done.stderr
    assert "2 of 2 runs" in done.stdout
    assert Run.load(tmp_path / "out" / "seed-4").clock == "wall"


def test_nothing_is_left_of_a_pool(short: Path, tmp_path: Path):
    request = SweepRequest(
        file=str(short),
        clock="virtual",
        provider=None,
        sets=(),
        out=tmp_path / "out",
        cache=True,
    )
    before = set(Path("/proc/self/fd").iterdir())
    rows = []
    pool = WorkerPool(request, jobs=2, done=rows.append)
    pool.run(Unit(batch="b", seed=seed) for seed in range(2))
    assert [row.outcome for row in rows] == ["ended", "ended"]
    assert pool._workers == []
    # One descriptor more: Python keeps the pipe to its tracker of resources.
    assert len(set(Path("/proc/self/fd").iterdir()) - before) <= 1
