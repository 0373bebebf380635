"""The runs of a batch, or of a folder of runs, as far as they are compared."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from msgspec import Struct

from soundstage.errors import RunFolderError
from soundstage.ledger import cell_text, read_plan, sorted_rows
from soundstage.messages.outcome import EXIT_ENDED, EXIT_FAILED
from soundstage.results import History, RunFolder, read_expectations, read_result, runs_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from soundstage.ledger import BatchPlan, Row
    from soundstage.results import ExpectationReport, Result

RunVerdict: TypeAlias = Literal["passed", "failed", "invalid"]
"""How a run came out: `invalid` says nothing of what is under test."""

UnitKey: TypeAlias = "tuple[str, int]"
"""The cell, as text, and the seed: what a run of one batch is paired by with one of another."""


class ComparedRun(Struct, frozen=True, kw_only=True):
    """One run, as far as it is compared.

    Attributes:
        cell: what was changed in the scenario for it: key path to value.
        seed: of the run.
        verdict: `passed`, `failed` or `invalid`.
        reason: what decided it, in a word.
        deterministic: whether another run of the same seed gives the same.
        fingerprint: the same for two runs in which the same was played and called at the same
            times; empty where it is not known.
        processor: the kind of processor that made it; empty where it is not known.
        expectations: what became of each, by its id: `passed`, `failed`, `skipped` …
        folder: where it was kept.
    """

    cell: dict[str, Any]
    seed: int
    verdict: RunVerdict
    reason: str
    deterministic: bool
    fingerprint: str
    processor: str
    expectations: dict[str, str]
    folder: Path

    @property
    def key(self) -> UnitKey:
        """By what it is paired with a run of another batch."""
        return cell_text(self.cell), self.seed


class BatchRuns(Struct, frozen=True, kw_only=True):
    """The runs of one of two sides.

    Attributes:
        folder: where they are.
        scenario: the scenario's file stem.
        clock: `wall` or `virtual`, of all of them.
        varies: what the seed decides, in words, by the path of its key; None where that is not
            known of all of them.
        settings: what they were made with, as nested tables; empty where they differ in it.
        runs: each run by its cell and seed.
        declared: the cells and seeds that the batch is to have; none where that is not known, or
            where it may stop early.
        repeated: how many further runs of the same cell and seed were left out.
    """

    folder: Path
    scenario: str
    clock: str
    varies: dict[str, str] | None
    settings: dict[str, Any]
    runs: dict[UnitKey, ComparedRun]
    declared: frozenset[UnitKey] = frozenset()
    repeated: int = 0


def read_runs(folder: Path) -> BatchRuns:
    """The runs at a path: a batch, a run, or a folder that has runs below it.

    Raises:
        RunFolderError: there is none, one cannot be read, or their clocks or scenarios differ.
    """
    if not folder.exists():
        raise RunFolderError(f"{folder} does not exist: name the folder of a batch or of a run")
    plan = read_plan(folder) if folder.is_dir() else None
    return _runs_below(folder) if plan is None else _batch(folder, plan)


def _batch(folder: Path, plan: BatchPlan) -> BatchRuns:
    runs = {row.key: _of_row(row, folder) for row in sorted_rows(folder, plan)}
    if not runs:
        raise RunFolderError(f"{folder}: no run of this batch is over yet")
    return BatchRuns(
        folder=folder,
        scenario=plan.scenario,
        clock=plan.clock,
        varies=plan.varies,
        settings={**plan.identity.get("tables", {}), **_beside_tables(plan.identity)},
        runs=runs,
        declared=frozenset() if plan.early else frozenset(unit.key for unit in plan.units()),
    )


def _beside_tables(identity: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in identity.items() if key != "tables"}


def _of_row(row: Row, folder: Path) -> ComparedRun:
    return ComparedRun(
        cell=row.cell,
        seed=row.seed,
        verdict=_verdict(row.outcome, row.exit_code),
        reason=row.reason,
        deterministic=row.deterministic,
        fingerprint=row.fingerprint,
        processor=row.machine.processor,
        expectations={each.id: each.status for each in row.expectations},
        folder=row.unit.folder(folder),
    )


def _verdict(outcome: str, exit_code: int) -> RunVerdict:
    if outcome == "failed" or exit_code == EXIT_FAILED:
        return "failed"
    return "passed" if outcome == "ended" and exit_code == EXIT_ENDED else "invalid"


def _runs_below(folder: Path) -> BatchRuns:
    runs: dict[UnitKey, ComparedRun] = {}
    results: list[Result] = []
    for path, result, judged in _results(folder):
        run = _of_result(path, result, judged)
        results.append(result)
        runs.setdefault(run.key, run)
    for what, found in (
        ("clocks", {each.clock for each in results}),
        ("scenarios", {each.scenario for each in results}),
    ):
        if len(found) > 1:
            names = ", ".join(sorted(found))
            raise RunFolderError(
                f"{folder} holds runs of different {what} ({names}), which are never pooled: "
                "name a folder for each"
            )
    first = results[0]
    settings = [_made_with(each) for each in results]
    return BatchRuns(
        folder=folder,
        scenario=first.scenario,
        clock=first.clock,
        varies=first.varies if first.resolved else None,
        settings=settings[0] if all(each == settings[0] for each in settings) else {},
        runs=runs,
        repeated=len(results) - len(runs),
    )


def _made_with(result: Result) -> dict[str, Any]:
    tables = {**result.resolved}
    # The seed is what a run is paired by, and what it decides differs with it.
    tables["scenario"] = {
        key: value for key, value in tables.get("scenario", {}).items() if key != "seed"
    }
    for path in result.drawn:
        _forget(tables, path.split("."))
    return {**tables, "versions": result.versions}


def _forget(tables: dict[str, Any], keys: list[str]) -> None:
    """Take a value that the seed decided out of copies of the tables on its path."""
    key, *rest = keys
    inner = tables.get(key)
    if not rest:
        tables.pop(key, None)
    elif isinstance(inner, dict):
        tables[key] = dict(inner)
        _forget(tables[key], rest)


def _results(folder: Path) -> Iterator[tuple[Path, Result, ExpectationReport]]:
    for path in runs_at([folder]):
        run = RunFolder.find(path)
        yield path, read_result(run, History.read(run.log)), read_expectations(run)


def _of_result(path: Path, result: Result, judged: ExpectationReport) -> ComparedRun:
    return ComparedRun(
        cell={},
        seed=result.seed,
        verdict=_verdict(result.outcome, result.exit_code),
        reason=result.reason,
        deterministic=result.deterministic,
        fingerprint="",
        processor="",
        expectations={each.id: each.status for each in judged.verdicts},
        folder=path,
    )
