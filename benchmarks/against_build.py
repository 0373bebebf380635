"""How fast this tree is against earlier commits: each is built from git and measured in turn.

    python benchmarks/against_build.py [--commit C ...] [--rounds N] [--cases NAME,...]
                                       [--live-seconds N]

A commit is checked out into a git worktree of its own; all builds run with this interpreter and
the packages of the present environment. For each case the builds take turns, each time in a new
process, so that a busy machine burdens all of them. A case prints the median of CPU time and of
wall time, and how many times as fast as the first commit that is. The targets are part of the
table, and the program fails where the present tree misses one by CPU time. A live call is measured
once by each build, as it takes as long as it lasts; its line says how many frames were late, which
only a machine with nothing else to do can tell. Last comes a profile: in which packages the runs
spend their time.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

ROOT: Final = Path(__file__).resolve().parents[1]
MEASURE: Final = Path(__file__).parent / "builds" / "measured_case.py"
FIRST: Final = "9ed17c7"
"""The commit that the targets are ratios to."""

BEFORE: Final = "77b0461"
"""The last commit before the work that the targets ask for."""

NOT_JUDGED: Final = 3
"""Exit code where there is no history to build from."""

PRESENT: Final = "present"

COLUMN: Final = 26


class Target(NamedTuple):
    """What a case must reach.

    Attributes:
        figure: of the case: CPU seconds, wall seconds, or megabytes.
        ratio: how many times as little of it as the first commit; None where there is no bound.
        most: the most of it, whatever the first commit took; None where there is no bound.
        late: the most frames that may come late; None where there are none.
    """

    figure: str = "cpu"
    ratio: float | None = None
    most: float | None = None
    late: int | None = None


CASES: Final = {
    "alice_bob": Target(ratio=2.0),
    "four_pairs": Target(ratio=2.0),
    "room_8": Target(ratio=2.0),
    "command": Target(ratio=1.6),
    "tick_8": Target(ratio=2.0),
    "tick_32": Target(),
    "tick_64": Target(),
    "cold_room_8": Target(ratio=3.5),
    "cold_alice_bob": Target(figure="wall", ratio=1.3),
    "memory": Target(figure="megabytes", most=120.0),
    "live_room_8": Target(ratio=1.25, late=5),
}
LIVE: Final = {"live_room_8"}
PROFILED: Final = ("alice_bob", "room_8", "cold_room_8")
GROWTH_OF_TICK: Final = 1.5
"""How many times as much a tick of one agent may cost in a room of 64 as in a room of 8."""


class Build(NamedTuple):
    """A tree that can be measured: its name in the table, and where it is."""

    name: str
    tree: Path
    metadata: Path

    @property
    def environment(self) -> dict[str, str]:
        """The variables under which its code is imported, and its entry points are found."""
        places = [self.metadata, self.tree / "runtime", self.tree / "agents"]
        inherited = {**os.environ}
        # An installed program is compiled once, whatever this machine is set to.
        inherited.pop("PYTHONDONTWRITEBYTECODE", None)
        compiled = self.metadata / "compiled"
        return {
            **inherited,
            "PYTHONPATH": os.pathsep.join(map(str, places)),
            "PYTHONPYCACHEPREFIX": str(compiled),
        }


@contextlib.contextmanager
def built(commits: Sequence[str], folder: Path) -> Generator[list[Build]]:
    """The commits and the present tree."""
    builds = []
    try:
        for commit in commits:
            tree = folder / f"tree-{commit}"
            _git("worktree", "add", "--quiet", "--detach", str(tree), commit)
            builds.append(Build(commit, tree, _metadata(tree, folder / f"metadata-{commit}")))
        builds.append(Build(PRESENT, ROOT, _metadata(ROOT, folder / "metadata-present")))
        yield builds
    finally:
        for build in builds:
            if build.tree != ROOT:
                _git("worktree", "remove", "--force", str(build.tree))


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603


def _metadata(tree: Path, folder: Path) -> Path:
    """A folder that tells the interpreter the tree's own entry points.

    It comes first on the path, so that those of the installed distribution are not found.
    """
    project = tomllib.loads((tree / "pyproject.toml").read_text())["project"]
    name, version = project["name"], project.get("version", "0")
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    groups = {"console_scripts": project.get("scripts", {}), **project.get("entry-points", {})}
    lines = []
    for group, entries in groups.items():
        lines += [f"[{group}]", *(f"{key} = {value}" for key, value in entries.items()), ""]
    (info / "entry_points.txt").write_text("\n".join(lines))
    return folder


def measure(
    build: Build, case: str, folder: Path, *, live_seconds: int = 120, profile: bool = False
) -> dict[str, float]:
    """One process of a build: the figures of a case, or the share of each package."""
    # A cache of its own for each build: what one has stored need not be what another looks for.
    folder = folder / f"cases-{build.name}"
    folder.mkdir(exist_ok=True)
    command = [sys.executable, str(MEASURE), case, str(folder), *(["--profile"] * profile)]
    command += ["--live-seconds", str(live_seconds)]
    done = subprocess.run(  # noqa: S603 - our own program
        command, env=build.environment, check=False, capture_output=True, text=True, timeout=900
    )
    if done.returncode:
        raise SystemExit(f"{case} of {build.name} could not be measured:\n{done.stderr}")
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def compare(
    builds: Sequence[Build], case: str, folder: Path, rounds: int, live_seconds: int
) -> dict[str, float]:
    """Print one line of the table; returns the figures of the present tree and its ratio."""
    every: dict[str, dict[str, list[float]]] = {build.name: defaultdict(list) for build in builds}
    for _ in range(1 if case in LIVE else rounds):
        for build in builds:
            measured = measure(build, case, folder, live_seconds=live_seconds)
            for figure, value in measured.items():
                every[build.name][figure].append(value)
    middle = {
        name: {figure: statistics.median(values) for figure, values in figures.items()}
        for name, figures in every.items()
    }
    first = middle[builds[0].name]
    cells = []
    for build in builds:
        its = middle[build.name]
        if "megabytes" in its:
            cells.append(f"{its['megabytes']:.0f} MB")
        else:
            faster = f"{first['cpu'] / its['cpu']:.2f}/{first['wall'] / its['wall']:.2f}"
            late = f" {its['late']:.0f} late" if "late" in its else ""
            cells.append(f"{_shown(its['cpu'])} {faster}{late}")
    print(f"{case:16}", *(f"{cell:>{COLUMN}}" for cell in cells), end="", flush=True)
    figures, target = middle[builds[-1].name], CASES[case]
    return {**figures, "ratio": first[target.figure] / figures[target.figure]}


def _shown(seconds: float) -> str:
    return f"{seconds * 1e6:.1f} us" if seconds < 0.01 else f"{seconds:.3f} s"  # noqa: PLR2004


def is_met(case: str, figures: dict[str, float]) -> bool:
    """Whether the present tree reaches the target of a case; prints the target."""
    target = CASES[case]
    met = True
    if target.ratio is not None:
        met = figures["ratio"] >= target.ratio
        print(f"  >= {target.ratio} ({target.figure})", end="")
    if target.most is not None:
        met = met and figures[target.figure] <= target.most
        print(f"  <= {target.most:.0f}", end="")
    if target.late is not None:
        met = met and figures["late"] <= target.late
        print(f"  <= {target.late} of {figures['frames']:.0f} late", end="")
    print("" if met else "  MISSED", flush=True)
    return met


def main() -> None:
    """Measure every case of every build."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commit", action="append", help=f"also measured; {BEFORE} where none is")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cases", default=",".join(CASES), help="a list with commas")
    parser.add_argument("--live-seconds", type=int, default=120, help="how long a live call lasts")
    parser.add_argument("--no-profile", action="store_true")
    options = parser.parse_args()
    try:
        others = [_git("rev-parse", "--short", each) for each in options.commit or [BEFORE]]
        _git("rev-parse", "--verify", f"{FIRST}^{{commit}}")
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"not judged: this tree is no git repository with the commits to compare ({error})")
        sys.exit(NOT_JUDGED)
    cases = options.cases.split(",")
    with tempfile.TemporaryDirectory() as name, built([FIRST, *others], Path(name)) as builds:
        print("median CPU time, and how many times as fast as the first: by CPU / by wall time")
        print(f"{'':16}", *(f"{build.name:>{COLUMN}}" for build in builds))
        reached: dict[str, dict[str, float]] = {}
        missed = []
        for case in cases:
            reached[case] = compare(builds, case, Path(name), options.rounds, options.live_seconds)
            if not is_met(case, reached[case]):
                missed.append(case)
        if {"tick_8", "tick_64"} <= reached.keys():
            growth = reached["tick_64"]["cpu"] / reached["tick_8"]["cpu"]
            print(f"a tick of one agent in a room of 64: {growth:.2f} times that in a room of 8")
            missed += ["growth"] if growth > GROWTH_OF_TICK else []
        if not options.no_profile:
            for case in [each for each in PROFILED if each in cases]:
                print_profile(builds, case, Path(name))
    if missed:
        raise SystemExit(f"missed: {', '.join(missed)}")


def print_profile(builds: Sequence[Build], case: str, folder: Path) -> None:
    """Print where a case spends its time, by package, for the first build and the present one."""
    first, present = (
        measure(build, case, folder, profile=True) for build in (builds[0], builds[-1])
    )
    print(f"where {case} spends its time, in profiled seconds (calls weigh more than they do):")
    for package in sorted(present, key=present.__getitem__, reverse=True)[:12]:
        print(f"  {first.get(package, 0.0):7.3f} {present[package]:7.3f}  {package}")


if __name__ == "__main__":
    main()
