"""How cost grows: time and memory against agents, the size of a room, length, and stored runs.

    python benchmarks/growth.py [--largest N] [--minutes N] [--stored N] [--write FOLDER]

Each row is a process of its own, which plays a scenario twice and measures the second run, with
the log and the recording on. A process before it has filled the cache, so no engine is loaded.
The table has the CPU time of a tick and agent, so that what grows as it should stays level; the
plot has each series against its first row. With `--write` both go into a folder, as `growth.md`
and `growth.svg`.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

TICKS_PER_SECOND: Final = 50
SAMPLES_PER_SECOND: Final = 24_000
LINE: Final = "The rain has stopped at last, and the garden is green again."
AGENTS: Final = (2, 4, 8, 16, 32, 64)
ROOMS: Final = (2, 4, 8, 16, 32, 64, 100)
MINUTES: Final = (1, 2, 5, 10, 30, 120)
STORED: Final = (1, 10, 100, 1_000, 10_000)
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
        + f'[agents.a{n}.local]\nlines = ["{LINE}"]\notherwise = "{LINE}"\n'
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


def measured(job: str, folder: Path) -> Row:
    """A row, measured when the cache is filled."""
    measured_in_child(job, folder)
    return measured_in_child(job, folder)


def measured_in_child(job: str, folder: Path) -> Row:
    """A row, measured in a process of its own."""
    command = [sys.executable, __file__, "--job", job, "--folder", str(folder)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=3600)  # noqa: S603 - our own
    if done.returncode:
        raise SystemExit(f"{job} could not be measured:\n{done.stderr}")
    return Row(*json.loads(done.stdout.splitlines()[-1]))


def run_twice(text: str, folder: Path, count: int, size: float) -> Row:
    """The second run of a scenario."""
    from soundstage.run import cache_for, play  # noqa: PLC0415 - in the child only
    from soundstage.scenario import load_scenario  # noqa: PLC0415

    file = folder / "growth.toml"
    file.write_text(text)
    cache = cache_for("virtual", folder / "cache")
    with tempfile.TemporaryDirectory(dir=folder) as name:
        play(load_scenario(str(file), clock="virtual"), out=Path(name) / "first", cache=cache)
        begun = time.process_time()
        out = Path(name) / "second"
        play(load_scenario(str(file), clock="virtual"), out=out, cache=cache)
        cpu = time.process_time() - begun
        last = json.loads((out / "events.jsonl").read_text().splitlines()[-1])
    ticks = last["pts"] / SAMPLES_PER_SECOND * TICKS_PER_SECOND
    return Row(size, cpu, cpu / ticks / count * 1e6, memory())


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


def memory() -> float:
    """The most memory of this process, in megabytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024 * 1024 if sys.platform == "darwin" else 1024)


JOBS: Final[dict[str, Callable[[int, Path], Row]]] = {
    "agents": lambda n, at: run_twice(pairs(n, "max = '20s'"), at, n, n),
    "room": lambda n, at: run_twice(room(n, "max = '20s'"), at, n, n),
    "minutes": lambda n, at: run_twice(pairs(2, f"max = '{n}m'"), at, 2, n),
    "stored": stored_runs,
}
TITLES: Final = {
    "agents": ("agents, in calls between two", "tick and agent"),
    "room": ("members of one room", "tick and agent"),
    "minutes": ("minutes of one call", "tick and agent"),
    "stored": ("stored runs, read and measured", "run"),
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
            growth_of(name, rows),
            "",
        ]
    return "\n".join(lines)


def growth_of(name: str, rows: Sequence[Row]) -> str:
    """Whether the cost of each stays level, in a sentence."""
    lowest = min(row.each for row in rows)
    times, size = rows[-1].each / lowest, f"{rows[-1].size:g} {TITLES[name][0]}"
    verb = "stays level" if times <= LEVEL else "grows"
    return f"The cost of each {verb}: at {size} it is {times:.2f} times the lowest."


def plot(series: dict[str, list[Row]], path: Path) -> None:
    """Each series against its first row, both axes by decades, as an SVG."""
    import math  # noqa: PLC0415

    width, height, edge = 760, 440, 60
    colours = {"agents": "#1b6ca8", "room": "#c0392b", "minutes": "#1e8449", "stored": "#7d3c98"}
    most = max(row.size / rows[0].size for rows in series.values() for row in rows)
    decades = max(1.0, math.log10(most))

    def place(across: float, up: float) -> str:
        x = edge + math.log10(across) / decades * (width - 2 * edge)
        y = height - edge - math.log10(max(up, 0.5)) / decades * (height - 2 * edge)
        return f"{x:.1f},{y:.1f}"

    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            'font-family="sans-serif" font-size="13">'
        ),
        f'<rect width="{width}" height="{height}" fill="white"/>',
        (
            f'<text x="{edge}" y="24">CPU time against size, each as a multiple of its first row '
            "(dashed: linear)</text>"
        ),
        (
            f'<polyline points="{place(1, 1)} {place(most, most)}" fill="none" stroke="#888" '
            'stroke-dasharray="4 4"/>'
        ),
    ]
    for decade in range(math.floor(decades) + 1):
        x, y = place(10**decade, 1).split(",")[0], place(1, 10**decade).split(",")[1]
        parts.append(f'<text x="{x}" y="{height - edge + 20}">{10**decade:,}</text>')
        parts.append(f'<text x="8" y="{y}">{10**decade:,}</text>')
    for number, (name, rows) in enumerate(series.items()):
        points = " ".join(place(r.size / rows[0].size, r.cpu / rows[0].cpu) for r in rows)
        colour, title = colours[name], TITLES[name][0]
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        parts.append(f'<text x="{edge + 12}" y="{50 + 18 * number}" fill="{colour}">{title}</text>')
    path.write_text("\n".join([*parts, "</svg>", ""]), encoding="utf-8")


def main() -> None:
    """Measure every series."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--largest", type=int, default=16, help="agents, and members of a room")
    parser.add_argument("--minutes", type=int, default=5, help="of the longest run")
    parser.add_argument("--stored", type=int, default=100, help="the most stored runs")
    parser.add_argument("--write", type=Path, help="a folder for the table and the plot")
    parser.add_argument("--job", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.job:
        name, _, size = options.job.partition(":")
        print(json.dumps(JOBS[name](int(size), options.folder)))
        return
    most = {"agents": options.largest, "room": options.largest}
    most |= {"minutes": options.minutes, "stored": options.stored}
    sizes = {"agents": AGENTS, "room": ROOMS, "minutes": MINUTES, "stored": STORED}
    series: dict[str, list[Row]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, all_sizes in sizes.items():
            chosen = [size for size in all_sizes if size <= most[name]]
            series[name] = [measured(f"{name}:{n}", Path(folder)) for n in chosen]
            print(table({name: series[name]}), flush=True)
    if options.write is not None:
        options.write.mkdir(parents=True, exist_ok=True)
        (options.write / "growth.md").write_text(table(series), encoding="utf-8")
        plot(series, options.write / "growth.svg")


if __name__ == "__main__":
    main()
