"""What is left of many runs: a summary, a row for each run, a row for each turn."""

from __future__ import annotations

import csv
import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import msgspec

from soundstage.ledger import cell_name, read_differences, sorted_rows
from soundstage.messages.outcome import EXIT_ENDED, EXIT_FAILED, EXIT_INVALID
from soundstage.results import Spread, response_gaps, save_text, spread, write_failure
from soundstage.sweep.batch_expectations import BatchExpectation, BatchMetrics
from soundstage.sweep.batch_verdict import CellVerdict, Failing, Judgements, Whole, whole_verdict
from soundstage.sweep.sweep_request import exit_code_of
from soundstage.units import seconds_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from soundstage.ledger import BatchPlan, ExpectationRow, Row
    from soundstage.results import Turn

TABLE: Final = "runs.csv"
"""The table of all runs."""

_RUN: Final = (
    "seed",
    "outcome",
    "reason",
    "exit_code",
    "duration",
    "wall",
    "turns",
    "interruptions",
    "gap_median",
    "gap_p95",
    "explanation",
)
_FAILING: Final = 5
"""Failed runs that are named, with what plays them again."""

_EXITS: Final[dict[str, int]] = {"failed": EXIT_FAILED, "undecided": EXIT_INVALID}

_TURN: Final = (
    "seed",
    "number",
    "agent",
    "start",
    "end",
    "gap",
    "interrupted_by",
    "text",
    "generated",
)

_EXPECTATION: Final = (
    "seed",
    "id",
    "status",
    "need",
    "kind",
    "owner",
    "agent",
    "seconds",
    "turn",
    "measured",
    "sentence",
)


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """Many runs in a few numbers, as in `summary.json`.

    Attributes:
        batch: the digest of the batch.
        scenario: the file's stem.
        clock: `wall` or `virtual`.
        asked: how many runs were asked for, here: of a shard, its own.
        runs: how many there are.
        outcomes: how often each came about.
        reasons: how often each outcome had which reason.
        exit_code: what the command exits with.
        turns: of all runs.
        response_gap: over the turns of all runs, in seconds.
        duration: seconds of all runs, of their own clock.
        wall: seconds that it took all in all.
        jobs: how many workers there were.
        seeds: those that did not end as the scenario declares, in any cell.
        varies: what the seed decides, in words, by the path of its key.
        owed: runs that are still to be made.
        differences: pairs of runs of one unit that differ, found when the batch was put together.
        equal: whether there are several runs, and in each the same was played and called.
        verdict: of the whole batch, by `[verdict]`: `passed` only if each cell has; empty where the
            file has no such table.
        cells: what became of each cell; one of them without a matrix.
        expectations: what became of those that many runs decide.
        failing: the failed runs with the smallest seeds.
    """

    batch: str
    scenario: str
    clock: str
    asked: int
    runs: int
    outcomes: dict[str, int]
    reasons: dict[str, int]
    exit_code: int
    turns: int
    response_gap: Spread
    duration: float
    wall: float
    jobs: int
    seeds: list[int]
    varies: dict[str, str]
    equal: bool
    owed: int = 0
    differences: int = 0
    verdict: Whole = ""
    cells: list[CellVerdict] = []
    expectations: list[BatchExpectation] = []
    failing: list[Failing] = []


class _Tally:
    """What is counted over all rows, one after the other."""

    def __init__(self, plan: BatchPlan) -> None:
        self.outcomes: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.turns = 0
        self.gaps: list[float] = []
        self.duration = 0.0
        self.seeds: set[int] = set()
        self.fingerprints: set[str] = set()
        self.drawn: dict[str, None] = {}
        self.judgements = Judgements(plan)
        self.metrics = BatchMetrics(plan)
        self.failing: list[Failing] = []

    def count(self, row: Row) -> None:
        """Count a row."""
        self.outcomes[row.outcome] += 1
        self.reasons[f"{row.outcome}: {row.reason}"] += 1
        self.turns += len(row.turns)
        self.gaps += response_gaps(row.turns)
        self.duration += row.duration
        self.fingerprints.add(row.fingerprint)
        self.drawn |= dict.fromkeys(row.drawn)
        self.judgements.add(row)
        self.metrics.add(row)
        if row.outcome != "ended":
            self.seeds.add(row.seed)
        if row.outcome == "failed":
            self.failing.append(Failing(cell_name(row.cell), row.seed, row.reason, row.cell))
            self.failing = sorted(self.failing, key=lambda each: (each.seed, each.cell))[:_FAILING]

    @property
    def runs(self) -> int:
        """How many rows there were."""
        return self.outcomes.total()

    @property
    def are_equal(self) -> bool:
        """Whether there were several runs, and in each the same was played and called."""
        return self.runs > 1 and len(self.fingerprints) == 1 and "" not in self.fingerprints


def write_tables(
    folder: Path, plan: BatchPlan, *, wall: float = 0.0, jobs: int = 0, interrupted: int = 0
) -> Summary:
    """Write the tables of a batch and its `summary.json` from the ledger.

    The rows are read one at a time, so that it takes the same memory for any number of them.

    Args:
        folder: of the batch.
        plan: its plan.
        wall: seconds that the command took.
        jobs: how many workers there were.
        interrupted: what the command exits with in any case, if it was broken off from outside.

    Raises:
        RunFolderError: the ledger cannot be read.
        RecordingFailed: one of the files cannot be written.
    """
    tally, found = _Tally(plan), len(read_differences(folder))
    for row in sorted_rows(folder, plan):
        tally.count(row)
    summary = _summary(tally, plan, found, wall=wall, jobs=jobs, interrupted=interrupted)
    text = msgspec.json.format(msgspec.json.encode(summary), indent=2).decode()
    save_text(folder / "summary.json", text + "\n")
    _write_rows(folder, plan, list(tally.drawn))
    return summary


def _summary(
    tally: _Tally, plan: BatchPlan, found: int, *, wall: float, jobs: int, interrupted: int
) -> Summary:
    asked = sum(1 for _ in plan.units())
    cells = tally.judgements.verdicts()
    expectations = tally.metrics.found()
    whole = whole_verdict(cells, expectations)
    stopped = plan.early and tally.judgements.is_decided
    owed = 0 if stopped else max(0, asked - tally.runs)
    code = interrupted or _EXITS.get(whole) or 0
    if not whole:
        code = exit_code_of(tally.outcomes, interrupted=interrupted)
    return Summary(
        batch=plan.digest,
        scenario=plan.scenario,
        clock=plan.clock,
        asked=asked,
        runs=tally.runs,
        outcomes=dict(tally.outcomes),
        reasons=dict(tally.reasons),
        # A batch that is not whole, or contradicts itself, is not green.
        exit_code=code or (EXIT_INVALID if owed or found else EXIT_ENDED),
        turns=tally.turns,
        response_gap=spread(tally.gaps),
        duration=round(tally.duration, 3),
        wall=round(wall, 3),
        jobs=jobs,
        seeds=sorted(tally.seeds),
        varies=dict(plan.varies),
        equal=tally.are_equal,
        owed=owed,
        differences=found,
        verdict=whole,
        cells=list(cells),
        expectations=expectations,
        failing=tally.failing,
    )


def _write_rows(folder: Path, plan: BatchPlan, drawn: Sequence[str]) -> None:
    """Write `runs.csv`, with a column for each key that was drawn, and the other tables."""
    named = ("cell",) if any(plan.cells) else ()
    runs = (
        (*_cell(row, named), *_run_row(row), *_drawn(row, drawn))
        for row in sorted_rows(folder, plan)
    )
    _save(folder / TABLE, (*named, *_RUN, *drawn), runs)
    turns = (
        (*_cell(row, named), *_turn_row(row.seed, turn))
        for row in sorted_rows(folder, plan)
        for turn in row.turns
    )
    _save(folder / "turns.csv", (*named, *_TURN), turns)
    expectations = (
        (*_cell(row, named), *_expectation_row(row.seed, each))
        for row in sorted_rows(folder, plan)
        for each in row.expectations
    )
    _save(folder / "expectations.csv", (*named, *_EXPECTATION), expectations)


def _cell(row: Row, named: Sequence[str]) -> list[str]:
    """The name of a row's cell, where there is a column for it."""
    return [cell_name(row.cell) for _ in named]


def _drawn(row: Row, drawn: Sequence[str]) -> Iterator[str]:
    """What a run's seed decided, a cell of the table for each key."""
    values = (row.drawn.get(path, "") for path in drawn)
    return (value if isinstance(value, str) else json.dumps(value) for value in values)


def _run_row(row: Row) -> tuple[Any, ...]:
    measured = spread(response_gaps(row.turns))
    return (
        row.seed,
        row.outcome,
        row.reason,
        row.exit_code,
        row.duration,
        row.machine.wall,
        len(row.turns),
        sum(bool(turn.interrupted_by) for turn in row.turns),
        *((measured.median, measured.p95) if measured.count else ("", "")),
        row.explanation,
    )


def _turn_row(seed: int, turn: Turn) -> tuple[Any, ...]:
    return (
        seed,
        turn.number,
        turn.agent,
        turn.start,
        turn.end,
        turn.gap,
        turn.interrupted_by,
        turn.text,
        turn.generated,
    )


def _expectation_row(seed: int, each: ExpectationRow) -> tuple[Any, ...]:
    return (
        seed,
        each.id,
        each.status,
        each.need,
        each.kind,
        each.owner,
        each.agent,
        "" if each.pts is None else round(seconds_of(each.pts), 3),
        "" if each.turn is None else each.turn,
        "" if each.measured is None else each.measured,
        each.sentence,
    )


def _save(path: Path, head: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Write a table, and put it in its place in one step."""
    fresh = path.with_name(f"{path.name}.part")
    try:
        with fresh.open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(head)
            table.writerows(rows)
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise write_failure(str(path), error) from error
