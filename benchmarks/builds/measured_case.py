"""One case of `against_build.py`, in the build that the environment names.

    python benchmarks/builds/measured_case.py CASE FOLDER [--profile] [--live-seconds N]

It prints one line of JSON: seconds of CPU and wall time (of one tick and agent in the cases that
are called so), the process's memory, and of a live call what became of its frames. It uses only
what every measured build has.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

RUNS: Final = 3
"""The best of so many runs in a process: the others had the machine's other work to bear."""

TICKS_PER_SECOND: Final = 50
NAMES: Final = ("ann", "ben", "cleo", "dan", "eve", "fay", "gus", "hal")
LINES: Final = (
    "The rain has stopped at last, and the garden is green again.",
    "I have been reading a long book about the history of the sea.",
    "Tomorrow we could take the early train and walk along the coast.",
)
COMMAND: Final = [sys.executable, "-c", "from soundstage.cli import run_scenario; run_scenario()"]


def agents(names: tuple[str, ...], *, opening: tuple[str, ...]) -> str:
    """The tables of agents with the same three lines; those who open are told to speak."""
    lines = ", ".join(f'"{line}"' for line in LINES)
    tables = []
    for name in names:
        prompt = 'opening_prompt = "Speak."\n' if name in opening else ""
        tables.append(f"[agents.{name}]\n{prompt}[agents.{name}.local]\nlines = [{lines}]\n")
    return "".join(tables)


def four_pairs() -> str:
    """Eight agents in four calls."""
    pairs = list(zip(NAMES[::2], NAMES[1::2], strict=True))
    links = "".join(f'[[links]]\nbetween = ["{one}", "{other}"]\n' for one, other in pairs)
    opening = tuple(one for one, _ in pairs)
    return agents(NAMES, opening=opening) + links + "[end]\nturns = 20\nmax = '3m'\n"


def room(members: int, end: str = "turns = 12\nmax = '3m'") -> str:
    """Agents in one room, who speak by turns."""
    names = NAMES if members == len(NAMES) else tuple(f"agent{n}" for n in range(members))
    listed = ", ".join(f'"{name}"' for name in names)
    hall = f"[rooms.hall]\nmembers = [{listed}]\n[rooms.hall.floor]\npolicy = 'round_robin'\n"
    return f"{agents(names, opening=names[:1])}{hall}[end]\n{end}\n"


def written(case: str, folder: Path, live_seconds: int = 0) -> str:
    """The scenario of a case: its file, or the name of a shipped one."""
    if case == "live_room_8":
        text = room(len(NAMES), f"max = '{live_seconds}s'")
    elif case == "four_pairs":
        text = four_pairs()
    elif case in {"room_8", "cold_room_8"}:
        text = room(len(NAMES))
    elif case.startswith("tick_"):
        text = room(int(case.removeprefix("tick_")), "turns = 3\nmax = '1m'")
    else:
        return "alice_bob"
    file = folder / f"{case}.toml"
    file.write_text(text)
    return str(file)


def player(file: str, cache: Path | None) -> Callable[[Path], None]:
    """What plays a scenario into a folder."""
    from soundstage.scenario import load_scenario  # noqa: PLC0415 - builds differ

    try:
        from soundstage.run import cache_for, play  # noqa: PLC0415
    except ImportError:
        # Where they were before they had a package of their own.
        place: Any = import_module("soundstage.scenario")
        cache_for, play = place.cache_for, place.play

    def once(folder: Path) -> None:
        scenario = load_scenario(file, clock="virtual")
        play(scenario, out=folder, cache=cache_for("virtual", cache or False))

    return once


def seconds_of(once: Callable[[Path], None], runs: int, folder: Path) -> dict[str, float]:
    """CPU and wall time of the best of several runs."""
    cpus, walls = [], []
    for number in range(runs):
        wall, cpu = time.perf_counter(), _cpu()
        once(folder / f"run-{number}")
        walls.append(time.perf_counter() - wall)
        cpus.append(_cpu() - cpu)
        result = json.loads((folder / f"run-{number}" / "result.json").read_text())
        assert result["exit_code"] == 0, result
    return {"cpu": min(cpus), "wall": min(walls)}


def _cpu() -> float:
    """Seconds of CPU of this process and of those that it has waited for."""
    used = [resource.getrusage(of) for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def live(file: str, seconds: int, folder: Path) -> dict[str, float]:
    """CPU and wall time of a live call, its start included, and what became of its frames."""
    wall, cpu = time.perf_counter(), _cpu()
    out = folder / "live"
    subprocess.run(  # noqa: S603 - our own
        [*COMMAND, file, "--ui", "none", "--out", str(out)],
        check=False,  # on a busy machine an answer may be missing, which is not what is measured
        timeout=seconds + 120,
        stdout=subprocess.DEVNULL,
    )
    figures = {"wall": time.perf_counter() - wall, "cpu": _cpu() - cpu}
    events = [json.loads(line) for line in (out / "events.jsonl").read_text().splitlines()]
    played = events[-1]["pts"] / 24_000
    assert played > seconds - 1, f"the call ended after {played:.1f} s: {events[-1]}"
    carried = [each for each in events if each["type"] in {"audio", "carried"}]
    assert carried, "the log says nothing of the frames"
    for name in ("late", "dropped", "concealed", "sent", "heard"):
        figures[name] = sum(each.get(name, 0) for each in carried)
    figures["frames"] = figures["sent"] + figures["heard"]
    return figures


def command(file: str, cache: Path) -> Callable[[Path], None]:
    """What plays a scenario as a command of its own."""
    options = ["--clock", "virtual", "--ui", "none", "--cache", str(cache)]

    def once(folder: Path) -> None:
        subprocess.run([*COMMAND, file, *options, "--out", str(folder)], check=True, timeout=300)  # noqa: S603

    return once


def per_tick(figures: dict[str, float], run: Path, members: int) -> dict[str, float]:
    """The figures of a run, as those of one tick and agent."""
    last = json.loads((run / "events.jsonl").read_text().splitlines()[-1])
    ticks = last["pts"] / 24_000 * TICKS_PER_SECOND
    return {name: value / ticks / members for name, value in figures.items()}


def measure(case: str, folder: Path, live_seconds: int) -> dict[str, float]:
    """The figures of a case."""
    file, cache = written(case, folder, live_seconds), folder / "cache"
    with tempfile.TemporaryDirectory(dir=folder) as name:
        runs = Path(name)
        if case == "live_room_8":
            return live(file, live_seconds, runs)
        if case in {"command", "memory"}:
            once = command(file, cache)
            once(runs / "first")
            if case == "memory":
                used = memory_of(file, cache, runs)
                return {"megabytes": used}
            return seconds_of(once, RUNS, runs)
        is_cold = case.startswith("cold_")
        once = player(file, None if is_cold else cache)
        once(runs / "first")  # what a process does once: imports, engines
        figures = seconds_of(once, 1 if is_cold else RUNS, runs)
        if case.startswith("tick_"):
            return per_tick(figures, runs / "run-0", int(case.removeprefix("tick_")))
        return figures


def memory_of(file: str, cache: Path, runs: Path) -> float:
    """The most memory of a warm command, in megabytes; the run before it has filled the cache."""
    code = (
        "import atexit, resource;"
        "atexit.register(lambda: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss));"
        "from soundstage.cli import run_scenario; run_scenario()"
    )
    options = ["--clock", "virtual", "--ui", "none", "--cache", str(cache)]
    done = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-c", code, file, *options, "--out", str(runs / "measured")],
        check=True,
        timeout=300,
        capture_output=True,
        text=True,
    )
    kilobytes = int(done.stdout.splitlines()[-1])
    return kilobytes / (1024 if sys.platform != "darwin" else 1024 * 1024)


def shares(case: str, folder: Path) -> dict[str, float]:
    """The profiled seconds of a case by package."""
    file = written(case, folder)
    once = player(file, None if case.startswith("cold_") else folder / "cache")
    profiler = cProfile.Profile()
    with tempfile.TemporaryDirectory(dir=folder) as name:
        once(Path(name) / "first")
        profiler.runcall(once, Path(name) / "profiled")
    packages: Counter[str] = Counter()
    for (path, _, _), (_, _, own, _, _) in pstats.Stats(profiler).stats.items():  # type: ignore[attr-defined]
        packages[package_of(path)] += own
    return dict(packages)


def package_of(path: str) -> str:
    """The package of a source file: two names of ours, one of another's."""
    parts = Path(path).parts
    for root in ("soundstage", "soundstage_agents"):
        if root in parts:
            place = parts.index(root)
            return ".".join(parts[place : place + 2]).removesuffix(".py")
    if path == "~":
        return "built in"
    if "site-packages" in parts:
        return parts[parts.index("site-packages") + 1].removesuffix(".py")
    return "standard library"


def main() -> None:
    """Measure one case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--live-seconds", type=int, default=120)
    options = parser.parse_args()
    if options.profile:
        figures = shares(options.case, options.folder)
    else:
        figures = measure(options.case, options.folder, options.live_seconds)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
