"""How cost grows: time and memory against agents, the size of a room, length, and stored runs.

    python benchmarks/growth.py [--largest N] [--minutes N] [--stored N] [--live N]
                                [--series NAME,...] [--write]

Each row is a process of its own. A simulated one plays a scenario twice and measures the second
run, with the log and the recording on; a process before it has filled the cache, so no engine is
loaded. A live row is the command, with its endpoint and all else that it starts. The table has the
CPU time of a tick and agent, so that what grows as it should stays level; the plot has each series
against its first row. With `--write` the rows go into `benchmarks/growth.json`, beside those of the
series that were not measured now, and all of them into `docs/growth.md` and `docs/growth.svg`.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import resource
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence

TICKS_PER_SECOND: Final = 50
SAMPLES_PER_SECOND: Final = 24_000
LINE: Final = "The rain has stopped at last, and the garden is green again."
AGENTS: Final = (2, 4, 8, 16, 32, 64)
ROOMS: Final = (2, 4, 8, 16, 32, 64, 100)
MINUTES: Final = (1, 2, 5, 10, 30, 60, 120)
STORED: Final = (1, 10, 100, 1_000, 10_000)
LIVE: Final = (2, 4, 8, 16)
LIVE_SECONDS: Final = 20
ROOT: Final = Path(__file__).resolve().parents[1]
ROWS: Final = Path(__file__).with_name("growth.json")
PAGE: Final = ROOT / "docs" / "growth.md"
PLOT: Final = ROOT / "docs" / "growth.svg"
PROGRAM: Final = "from soundstage.cli import run_scenario; run_scenario()"
LEVEL: Final = 1.5
"""Up to how many times its first row a cost may be and still be called level."""


class Row(NamedTuple):
    """One measurement.

    Attributes:
        size: what was varied.
        cpu: seconds of CPU.
        each: microseconds of CPU for each tick and agent, or for each stored run.
        megabytes: the most memory that the process had.
    """

    size: float
    cpu: float
    each: float
    megabytes: float


def agents(count: int, opening: Iterable[int]) -> str:
    """The tables of agents with one line, which those who open say at once."""
    opens = set(opening)
    return "".join(
        f"[agents.a{n}]\n"
        + ('opening_prompt = "Speak."\n' if n in opens else "")
        + f'[agents.a{n}.local]\nexpires_after = "180m"\n'
        + f'lines = ["{LINE}"]\notherwise = "{LINE}"\n'
        for n in range(count)
    )


def pairs(count: int, end: str) -> str:
    """Calls between two."""
    firsts = range(0, count, 2)
    links = "".join(f'[[links]]\nbetween = ["a{n}", "a{n + 1}"]\n' for n in firsts)
    return f"{agents(count, firsts)}{links}[end]\n{end}\n"


def room(count: int, end: str) -> str:
    """A room whose members speak by turns."""
    members = ", ".join(f'"a{n}"' for n in range(count))
    hall = f"[rooms.hall]\nmembers = [{members}]\n[rooms.hall.floor]\npolicy = 'round_robin'\n"
    return f"{agents(count, [0])}{hall}[end]\n{end}\n"


def measured(name: str, sizes: Sequence[int], folder: Path) -> list[Row]:
    """The rows of a series, each measured when the cache is filled."""
    # Each of these has the same speech in all rows; agents and members have voices of their own.
    if name in {"minutes", "stored"}:
        measured_in_child(f"{name}:{sizes[0]}", folder)
    rows: list[Row] = []
    for size in sizes:
        if name in {"agents", "room"}:
            measured_in_child(f"{name}:{size}", folder)
        rows.append(measured_in_child(f"{name}:{size}", folder))
    return rows


def measured_in_child(job: str, folder: Path) -> Row:
    """A row, measured in a process of its own."""
    command = [sys.executable, __file__, "--job", job, "--folder", str(folder)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=3600)  # noqa: S603 - our own
    if done.returncode:
        raise SystemExit(f"{job} could not be measured:\n{done.stderr}")
    return Row(*json.loads(done.stdout.splitlines()[-1]))


def run_twice(text: str, folder: Path, count: int, size: float, first: str = "") -> Row:
    """The second run of a scenario; before it another may be played that has the same speech."""
    from soundstage.run import cache_for, play  # noqa: PLC0415 - in the child only
    from soundstage.scenario import load_scenario  # noqa: PLC0415

    file = folder / "growth.toml"
    file.write_text(first or text)
    cache = cache_for("virtual", folder / "cache")
    with tempfile.TemporaryDirectory(dir=folder) as name:
        play(load_scenario(str(file), clock="virtual"), out=Path(name) / "first", cache=cache)
        file.write_text(text)
        begun = time.process_time()
        out = Path(name) / "second"
        play(load_scenario(str(file), clock="virtual"), out=out, cache=cache)
        cpu = time.process_time() - begun
        last = json.loads((out / "events.jsonl").read_text().splitlines()[-1])
    ticks = last["pts"] / SAMPLES_PER_SECOND * TICKS_PER_SECOND
    return Row(size, cpu, cpu / ticks / count * 1e6, memory())


def minutes(count: int, folder: Path) -> Row:
    """A call between two of so many minutes."""
    first = pairs(2, "max = '1m'")
    row = run_twice(pairs(2, f"max = '{count}m'"), folder, 2, count, first)
    played = row.cpu / row.each * 1e6 / 2 / TICKS_PER_SECOND / 60
    assert abs(played - count) < 1, f"the run ended after {played:.1f} minutes"
    return row


def stored_runs(count: int, folder: Path) -> Row:
    """Reading so many stored runs, one after the other, and what is measured of them."""
    from soundstage.results import Run  # noqa: PLC0415 - in the child only
    from soundstage.run import cache_for, play  # noqa: PLC0415
    from soundstage.scenario import load_scenario  # noqa: PLC0415

    file = folder / "growth.toml"
    file.write_text(pairs(2, "turns = 4\nmax = '1m'"))
    with tempfile.TemporaryDirectory(dir=folder) as name:
        first = Path(name) / "run"
        scenario = load_scenario(str(file), clock="virtual")
        play(scenario, out=first, cache=cache_for("virtual", folder / "cache"))
        for number in range(count):
            (Path(name) / f"{number}").symlink_to(first)
        begun = time.process_time()
        for number in range(count):
            run = Run.load(Path(name) / f"{number}")
            assert run.metrics
        cpu = time.process_time() - begun
    return Row(count, cpu, cpu / count * 1e6, memory())


def live(count: int, folder: Path) -> Row:
    """A live call of each two agents, as a command, with all that it starts."""
    file = folder / "growth.toml"
    # A busy machine answers late, which is not what is measured here.
    judged = "[scenario]\nexpect_answers = false\n"
    file.write_text(judged + pairs(count, f"max = '{LIVE_SECONDS}s'"))
    with tempfile.TemporaryDirectory(dir=folder) as name:
        command = [sys.executable, "-c", PROGRAM, str(file), "--ui", "none", "--out", f"{name}/run"]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)  # noqa: S603 - our own
        if done.returncode:
            raise SystemExit(done.stderr)
        last = json.loads((Path(name) / "run/events.jsonl").read_text().splitlines()[-1])
        length = last["pts"] / SAMPLES_PER_SECOND
        assert length > LIVE_SECONDS - 1, f"the run ended after {length:.1f} s"
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime
    ticks = LIVE_SECONDS * TICKS_PER_SECOND
    return Row(count, cpu, cpu / ticks / count * 1e6, memory(resource.RUSAGE_CHILDREN))


def memory(of: int = resource.RUSAGE_SELF) -> float:
    """The most memory of this process, or of the largest that it started, in megabytes."""
    most = resource.getrusage(of).ru_maxrss
    return most / (1024 * 1024 if sys.platform == "darwin" else 1024)


JOBS: Final[dict[str, Callable[[int, Path], Row]]] = {
    "agents": lambda n, at: run_twice(pairs(n, "max = '20s'"), at, n, n),
    "room": lambda n, at: run_twice(room(n, "max = '20s'"), at, n, n),
    "minutes": minutes,
    "stored": stored_runs,
    "live": live,
}
TITLES: Final = {
    "agents": ("agents, in calls between two", "tick and agent"),
    "room": ("members of one room", "tick and agent"),
    "minutes": ("minutes of one call", "tick and agent"),
    "stored": ("stored runs, read and measured", "run"),
    "live": ("agents in live calls", "tick and agent"),
}


def table(series: dict[str, list[Row]]) -> str:
    """The figures as tables of Markdown, and which costs are not level."""
    lines: list[str] = []
    for name, rows in series.items():
        title, unit = TITLES[name]
        lines += [
            f"| {title} | CPU, s | µs for each {unit} | memory, MB |",
            "|---:|---:|---:|---:|",
            *(f"| {r.size:g} | {r.cpu:.2f} | {r.each:.1f} | {r.megabytes:.0f} |" for r in rows),
            "",
            textwrap.fill(growth_of(name, rows), 120),
            "",
        ]
    return "\n".join(lines)


def growth_of(name: str, rows: Sequence[Row]) -> str:
    """Whether the cost of each stays level, and what the memory comes to, in two sentences."""
    lowest = min(row.each for row in rows)
    times, size = rows[-1].each / lowest, f"{rows[-1].size:g} {TITLES[name][0]}"
    verb = "stays level" if times <= LEVEL else "grows"
    memory_of = f"{rows[0].megabytes:.0f} MB at first and {rows[-1].megabytes:.0f} MB at last"
    return (
        f"The cost of each {verb}: at {size} it is {times:.2f} times the lowest. The memory is "
        f"{memory_of}."
    )


PANEL: Final = (520, 420, 56)
"""Width, height and edge of one plot."""

COLOURS: Final = {
    "agents": "#1b6ca8",
    "room": "#c0392b",
    "minutes": "#1e8449",
    "stored": "#7d3c98",
    "live": "#b9770e",
}


def plot(series: dict[str, list[Row]]) -> str:
    """CPU time and memory of each series against its first row, both axes by decades, as SVG."""
    width, height, edge = PANEL
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * width} {height}" '
            'font-family="sans-serif" font-size="13">'
        ),
        f'<rect width="{2 * width}" height="{height}" fill="white"/>',
        *panel("CPU time", series, lambda row: row.cpu, 0),
        *panel("Memory", series, lambda row: row.megabytes, width),
    ]
    for number, name in enumerate(series):
        parts.append(
            f'<text x="{width + edge + 12}" y="{60 + 18 * number}" '
            f'fill="{COLOURS[name]}">{TITLES[name][0]}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


def panel(
    title: str, series: dict[str, list[Row]], figure: Callable[[Row], float], left: int
) -> Generator[str]:
    """One plot, so far from the left."""
    width, height, edge = PANEL
    most = max(row.size / rows[0].size for rows in series.values() for row in rows)
    decades = max(1.0, math.log10(most))

    def place(across: float, up: float) -> str:
        x = left + edge + math.log10(across) / decades * (width - 2 * edge)
        y = height - edge - math.log10(max(up, 0.5)) / decades * (height - 2 * edge)
        return f"{x:.1f},{y:.1f}"

    yield (
        f'<text x="{left + edge}" y="24">{title} against size, each as a multiple of its '
        "first row (dashed: linear)</text>"
    )
    yield (
        f'<polyline points="{place(1, 1)} {place(most, most)}" fill="none" stroke="#888" '
        'stroke-dasharray="4 4"/>'
    )
    for decade in range(math.floor(decades) + 1):
        x, y = place(10**decade, 1).split(",")[0], place(1, 10**decade).split(",")[1]
        yield f'<text x="{x}" y="{height - edge + 24}">{10**decade:,}</text>'
        yield f'<text x="{left + 8}" y="{y}">{10**decade:,}</text>'
    for name, rows in series.items():
        first = figure(rows[0])
        points = " ".join(place(row.size / rows[0].size, figure(row) / first) for row in rows)
        yield (
            f'<polyline points="{points}" fill="none" stroke="{COLOURS[name]}" stroke-width="2"/>'
        )


def page(series: dict[str, list[Row]]) -> str:
    """The page of the documentation."""
    command = "benchmarks/growth.py --largest 100 --minutes 120 --stored 10000 --live 16 --write"
    how = (
        f"`python {command}` measures this and writes this page. A simulated row is a run with its "
        "log and its recording, from a filled cache; the time to start the command is not in it. "
        f"A live row is the whole command over {LIVE_SECONDS} s, with the endpoint on this machine "
        "and the engines that it loads: its rows are mostly the start, "
        "which more agents share, and say no more than that nothing grows faster than they do. "
        "Memory is the most "
        f"that one process had. The figures are CPU time of {machine()}. Other work ran beside it: "
        "compare the rows of a table with each other, and not with those of another machine."
    )
    image = "![CPU time and memory against size](growth.svg)"
    wrapped = textwrap.fill(how, 120, break_long_words=False, break_on_hyphens=False)
    return f"# How cost grows\n\n{wrapped}\n\n{image}\n\n{table(series)}"


def machine() -> str:
    """What class of machine this is."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return (
        f"{platform.system()} on {os.cpu_count()} cores ({next(iter(names), platform.machine())}), "
        f"Python {platform.python_version()}"
    )


def write(series: dict[str, list[Row]]) -> None:
    """Add the rows to those of before, and make the page and the plot from all."""
    stored = json.loads(ROWS.read_text("utf-8")) if ROWS.exists() else {}
    known = {name: [Row(*row) for row in rows] for name, rows in stored.items()} | series
    every = {name: known[name] for name in TITLES if name in known}
    lines = [
        f"  {json.dumps(name)}: [\n    "
        + ",\n    ".join(json.dumps([round(figure, 4) for figure in row]) for row in rows)
        + "\n  ]"
        for name, rows in every.items()
    ]
    ROWS.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    PAGE.write_text(page(every), encoding="utf-8")
    PLOT.write_text(plot(every), encoding="utf-8")


def main() -> None:
    """Measure every series."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--largest", type=int, default=16, help="agents, and members of a room")
    parser.add_argument("--minutes", type=int, default=5, help="of the longest run")
    parser.add_argument("--stored", type=int, default=100, help="the most stored runs")
    parser.add_argument("--live", type=int, default=2, help="the most agents in live calls")
    parser.add_argument("--series", default=",".join(TITLES), help="a list with commas")
    parser.add_argument("--write", action="store_true", help="the rows, the page and the plot")
    parser.add_argument("--job", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.job:
        name, _, size = options.job.partition(":")
        print(json.dumps(JOBS[name](int(size), options.folder)))
        return
    most = {"agents": options.largest, "room": options.largest, "live": options.live}
    most |= {"minutes": options.minutes, "stored": options.stored}
    sizes = {"agents": AGENTS, "room": ROOMS, "minutes": MINUTES, "stored": STORED, "live": LIVE}
    with tempfile.TemporaryDirectory() as folder:
        for name in options.series.split(","):
            chosen = [size for size in sizes[name] if size <= most[name]]
            rows = {name: measured(name, chosen, Path(folder))}
            print(table(rows), flush=True)
            if options.write:
                write(rows)


if __name__ == "__main__":
    main()
