"""How much faster than real time simulated runs are: seconds of the run for each second it took.

    python benchmarks/virtual_speed.py [--runs N]

Everything is on that a user has on: recording, event log, reports. Each case is measured in two
ways: the run alone, in a process that has started, and the whole command, interpreter and imports
included. Beside the wall time there is the CPU time, for machines that are busy.
Last comes a profile: in which rooms a warm run spends its time.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from soundstage.results import Run
from soundstage.run import cache_for, play
from soundstage.scenario import load_scenario

NAMES = ("ann", "ben", "cleo", "dan", "eve", "fay", "gus", "hal")
LINES = (
    "The rain has stopped at last, and the garden is green again.",
    "I have been reading a long book about the history of the sea.",
    "Tomorrow we could take the early train and walk along the coast.",
)
COMMAND = [sys.executable, "-c", "from soundstage.cli import run_scenario; run_scenario()"]


class Measured(NamedTuple):
    """Seconds of a run, and the seconds that it took."""

    virtual: float
    wall: float
    cpu: float

    def __str__(self) -> str:
        return (
            f"{self.virtual:6.1f} s in {self.wall:6.3f} s wall ({self.virtual / self.wall:5.0f}x), "
            f"{self.cpu:6.3f} s CPU ({self.virtual / self.cpu:5.0f}x)"
        )


def agents(*, opening: tuple[str, ...]) -> str:
    """Eight agents; those who open are told to speak."""
    tables = []
    for name in NAMES:
        prompt = 'opening_prompt = "Speak."\n' if name in opening else ""
        lines = ", ".join(f'"{line}"' for line in LINES)
        tables.append(f"[agents.{name}]\n{prompt}[agents.{name}.local]\nlines = [{lines}]\n")
    return "".join(tables)


def four_pairs() -> str:
    """Eight agents in four calls."""
    pairs = list(zip(NAMES[::2], NAMES[1::2], strict=True))
    links = "".join(f'[[links]]\nbetween = ["{one}", "{other}"]\n' for one, other in pairs)
    opening = tuple(one for one, _ in pairs)
    return agents(opening=opening) + links + "[end]\nturns = 20\nmax = '3m'\n"


def room_of_eight() -> str:
    """Eight agents in one room, who speak by turns."""
    members = ", ".join(f'"{name}"' for name in NAMES)
    room = f"[rooms.hall]\nmembers = [{members}]\n[rooms.hall.floor]\npolicy = 'round_robin'\n"
    return agents(opening=NAMES[:1]) + room + "[end]\nturns = 12\nmax = '3m'\n"


def measure_run(file: str, folder: Path, cache: Path) -> Measured:
    """One run in this process."""
    scenario = load_scenario(file, clock="virtual")
    wall, cpu = time.perf_counter(), time.process_time()
    played = play(scenario, out=folder, cache=cache_for("virtual", cache))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    assert played.outcome.exit_code == 0, played.outcome
    return Measured(Run.load(folder).duration, wall, cpu)


def measure_command(file: str, folder: Path, cache: Path) -> Measured:
    """One run as a command of its own."""
    options = ["--clock", "virtual", "--ui", "none", "--out", str(folder), "--cache", str(cache)]
    wall, cpu = time.perf_counter(), _cpu_of_children()
    subprocess.run([*COMMAND, file, *options], check=True, timeout=300)  # noqa: S603 - our own
    wall, cpu = time.perf_counter() - wall, _cpu_of_children() - cpu
    return Measured(Run.load(folder).duration, wall, cpu)


def _cpu_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def middle(measured: list[Measured]) -> Measured:
    """The median of each column."""
    return Measured(*(statistics.median(column) for column in zip(*measured, strict=True)))


def measure_case(name: str, file: str, folder: Path, runs: int) -> None:
    """Print all four figures of one scenario."""
    cold = measure_command(file, folder / "cold", folder / "cache")
    warm = [measure_command(file, folder / f"command-{n}", folder / "cache") for n in range(runs)]
    measure_run(file, folder / "first", folder / "cache")  # what a process does once
    alone = [measure_run(file, folder / f"run-{n}", folder / "cache") for n in range(runs)]
    print(f"{name}")
    print(f"  cold, whole command  {cold}")
    print(f"  warm, whole command  {middle(warm)}")
    print(f"  warm, run alone      {middle(alone)}", flush=True)


def profile(file: str, folder: Path) -> None:
    """Print where a warm run spends its time, by package."""
    profiler = cProfile.Profile()
    scenario = load_scenario(file, clock="virtual")
    cache = cache_for("virtual", folder / "cache")
    profiler.runcall(play, scenario, out=folder / "profiled", cache=cache)
    rooms: Counter[str] = Counter()
    for (path, _, _), (_, _, own, _, _) in pstats.Stats(profiler).stats.items():  # type: ignore[attr-defined]
        rooms[_room(path)] += own
    total = sum(rooms.values())
    print("where the time goes (profiled, so calls weigh more than they do):")
    for room, own in rooms.most_common(12):
        print(f"  {own / total:5.1%}  {room}")


def _room(path: str) -> str:
    parts = Path(path).parts
    for root in ("soundstage", "soundstage_agents"):
        if root in parts:
            return ".".join(parts[parts.index(root) : parts.index(root) + 2])
    return "built in" if path == "~" else "libraries"


def main() -> None:
    """Measure every case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        cases = {name: name for name in ("alice_bob", "alice_bob_live")}
        for case, text in (("four_pairs", four_pairs()), ("room_of_eight", room_of_eight())):
            (root / f"{case}.toml").write_text(text)
            cases[case] = str(root / f"{case}.toml")
        for case, file in cases.items():
            (root / case).mkdir()
            measure_case(case, file, root / case, options.runs)
            profile(file, root / case)


if __name__ == "__main__":
    main()
