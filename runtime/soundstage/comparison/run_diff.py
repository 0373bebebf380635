"""What differs between two runs, from their folders."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec
from msgspec import Struct

from soundstage.comparison.divergence import Divergence, first_divergence
from soundstage.comparison.side_by_side import DiffRow, side_by_side
from soundstage.errors import RunFolderError
from soundstage.results import History, RunFolder, read_result
from soundstage.units import VIRTUAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from soundstage.results import Result

DIFF_VERSION: Final = 1
"""Raised when a field changes its meaning or goes; new fields do not raise it."""


class Setting(Struct, frozen=True, kw_only=True):
    """A key with which two runs were made differently.

    Attributes:
        path: the key, as in `--set`.
        a: its value in the first run, as JSON; empty where it has none.
        b: its value in the second run, likewise.
    """

    path: str
    a: str
    b: str


class DiffedRun(Struct, frozen=True, kw_only=True):
    """One of two runs.

    Attributes:
        folder: where it is.
        scenario: the scenario's file stem.
        seed: of the run.
        clock: `wall` or `virtual`.
        outcome: `ended`, `failed`, `invalid` or `interrupted`.
        reason: what decided it.
        exit_code: what the command exited with.
        duration: seconds of its own clock.
    """

    folder: str
    scenario: str
    seed: int
    clock: str
    outcome: str
    reason: str
    exit_code: int
    duration: float


class RunDiff(Struct, frozen=True, kw_only=True):
    """What differs between two runs.

    Attributes:
        version: of this format.
        equal: whether nothing was found that differs.
        timed: whether times were compared; not where a clock on the wall has timed one of them.
        a: the first run.
        b: the second run.
        settings: the keys with which they were made differently, and what the seeds decided.
        first: the first event that differs; None where all are equal.
        sound: recordings that both have, and that differ; only looked at where all events are
            equal.
        rows: what happened from there on, beside each other.
    """

    version: int = DIFF_VERSION
    equal: bool
    timed: bool
    a: DiffedRun
    b: DiffedRun
    settings: tuple[Setting, ...] = ()
    first: Divergence | None = None
    sound: tuple[str, ...] = ()
    rows: tuple[DiffRow, ...] = ()


def diff_runs(mine: Path, theirs: Path, *, every: bool = False) -> RunDiff:
    """Compare two runs.

    Args:
        mine: the folder of the first run, or a `latest`.
        theirs: the folder of the second run.
        every: whether the rows have all events; without it, what was said and done.

    Raises:
        RunFolderError: one of them is no run, has no event log, or cannot be read.
    """
    a, b = _opened(mine), _opened(theirs)
    left, right = History.read(a.log), History.read(b.log)
    for folder, history in ((a, left), (b, right)):
        if not history.events:
            raise RunFolderError(f"{folder.events} is empty: there is nothing to compare")
    results = read_result(a, left), read_result(b, right)
    timed = all(each.started.clock == VIRTUAL for each in (left, right))
    first = first_divergence(left.events, right.events, timed=timed)
    sound = differing_sound(a, b) if first is None and timed else ()
    rows = (
        ()
        if first is None
        else side_by_side(left.events, right.events, timed=timed, common=first.common, every=every)
    )
    return RunDiff(
        equal=first is None and not sound,
        timed=timed,
        a=_run(mine, results[0]),
        b=_run(theirs, results[1]),
        settings=tuple(differing_settings(_made_with(results[0]), _made_with(results[1]))),
        first=first,
        sound=sound,
        rows=rows,
    )


def diff_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of what `soundstage diff --json` prints."""
    (diff,), types = msgspec.json.schema_components((RunDiff,), ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What differs between two Soundstage runs",
        "version": DIFF_VERSION,
        **diff,
        "$defs": types,
    }


def differing_settings(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[Setting]:
    """Where two tables differ, by the path of the key."""
    before, after = dict(_leaves(mine)), dict(_leaves(theirs))
    for path in sorted(before.keys() | after.keys()):
        if before.get(path) != after.get(path):
            yield Setting(path=path, a=before.get(path, ""), b=after.get(path, ""))


def differing_sound(mine: RunFolder, theirs: RunFolder) -> tuple[str, ...]:
    """The names of recordings that both runs have, and that differ.

    Raises:
        RunFolderError: one of them cannot be read.
    """
    shared = {path.name for path in mine.sounds.glob("*.*") if path.is_file()} & {
        path.name for path in theirs.sounds.glob("*.*") if path.is_file()
    }
    return tuple(
        name
        for name in sorted(shared)
        if _digest(mine.sounds / name) != _digest(theirs.sounds / name)
    )


def _digest(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError as error:
        raise RunFolderError(f"{path} cannot be read: {error.strerror or error}") from error


def _opened(path: Path) -> RunFolder:
    if not path.exists():
        raise RunFolderError(f"{path} does not exist: name the folder of a run")
    return RunFolder.find(path)


def _run(path: Path, result: Result) -> DiffedRun:
    return DiffedRun(
        folder=str(path),
        scenario=result.scenario,
        seed=result.seed,
        clock=result.clock,
        outcome=result.outcome,
        reason=result.reason,
        exit_code=result.exit_code,
        duration=result.duration,
    )


def _made_with(result: Result) -> dict[str, Any]:
    """What a run was made with: the scenario, what the seed decided, and the versions."""
    return {**result.resolved, "drawn": result.drawn, "versions": result.versions}


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for key, inner in cast("dict[str, object]", value).items():
            yield from _leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value:
        for index, inner in enumerate(cast("list[object]", value)):
            yield from _leaves(inner, f"{path}.{index}" if path else str(index))
    else:
        yield path, msgspec.json.encode(value).decode()
