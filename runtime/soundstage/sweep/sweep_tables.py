"""What is left of many runs: a summary, a row for each run, a row for each turn."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from soundstage.results import Spread, save_text, spread
from soundstage.sweep.sweep_request import TABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from soundstage.results import Turn
    from soundstage.sweep.sweep_request import RunReport, SweepRequest

_RUN = (
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
_TURN = (
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


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """Many runs in a few numbers, as in `summary.json`.

    Attributes:
        scenario: the file's stem.
        clock: `wall` or `virtual`.
        asked: how many runs were asked for.
        runs: how many there are.
        outcomes: how often each came about.
        reasons: how often each outcome had which reason.
        exit_code: what the command exits with.
        turns: of all runs.
        response_gap: over the turns of all runs, in seconds.
        duration: seconds of all runs, of their own clock.
        wall: seconds that it took all in all.
        jobs: how many workers there were.
        seeds: those that did not end as the scenario declares.
        varies: what the seed decides, in words, by the path of its key.
        equal: whether there are several runs, and in each the same was played and called.
    """

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


def write_tables(
    request: SweepRequest,
    reports: Sequence[RunReport],
    *,
    scenario: str,
    asked: int,
    exit_code: int,
    wall: float,
    jobs: int,
    varies: Mapping[str, str],
) -> Summary:
    """Write `summary.json`, `runs.csv` and `turns.csv` beside the runs' folders.

    Args:
        request: what was run.
        reports: of the runs that there are.
        scenario: its file's stem.
        asked: how many runs were asked for.
        exit_code: what the command exits with.
        wall: seconds that it took.
        jobs: how many workers there were.
        varies: what the seed decides, by the path of its key.

    Raises:
        RecordingFailed: one of them cannot be written.
    """
    reports = sorted(reports, key=lambda report: report.seed)
    summary = Summary(
        scenario=scenario,
        clock=request.clock,
        asked=asked,
        runs=len(reports),
        outcomes=dict(Counter(report.outcome for report in reports)),
        reasons=dict(Counter(f"{report.outcome}: {report.reason}" for report in reports)),
        exit_code=exit_code,
        turns=sum(len(report.turns) for report in reports),
        response_gap=gaps(turn for report in reports for turn in report.turns),
        duration=round(sum(report.duration for report in reports), 3),
        wall=round(wall, 3),
        jobs=jobs,
        seeds=[report.seed for report in reports if report.outcome != "ended"],
        varies=dict(varies),
        equal=_are_equal(reports),
    )
    text = msgspec.json.format(msgspec.json.encode(summary), indent=2).decode()
    save_text(request.out / "summary.json", text + "\n")
    drawn = list(dict.fromkeys(path for report in reports for path in report.drawn))
    rows = ((*_run_row(report), *_cells(report, drawn)) for report in reports)
    _save(request.out / TABLE, (*_RUN, *drawn), rows)
    turns = (_turn_row(report.seed, turn) for report in reports for turn in report.turns)
    _save(request.out / "turns.csv", _TURN, turns)
    return summary


def _are_equal(reports: Sequence[RunReport]) -> bool:
    fingerprints = {report.fingerprint for report in reports}
    return len(reports) > 1 and len(fingerprints) == 1 and "" not in fingerprints


def _cells(report: RunReport, drawn: Sequence[str]) -> list[str]:
    """What a run's seed decided, a cell for each key."""
    values = [report.drawn.get(path, "") for path in drawn]
    return [value if isinstance(value, str) else json.dumps(value) for value in values]


def gaps(turns: Iterable[Turn]) -> Spread:
    """How the turns' gaps are spread, without those that began before the other had ended."""
    return spread(turn.gap for turn in turns if turn.gap is not None and turn.gap >= 0)


def _run_row(report: RunReport) -> tuple[Any, ...]:
    measured = gaps(report.turns)
    return (
        report.seed,
        report.outcome,
        report.reason,
        report.exit_code,
        report.duration,
        report.wall,
        len(report.turns),
        sum(bool(turn.interrupted_by) for turn in report.turns),
        *((measured.median, measured.p95) if measured.count else ("", "")),
        report.explanation,
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


def _save(path: Path, head: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(head)
    table.writerows(rows)
    save_text(path, text.getvalue())
