"""What became of each expectation over the runs of a batch: counts, and the first that failed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct

from soundstage.ledger import cell_name
from soundstage.units import seconds_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from soundstage.ledger import ExpectationRow, Row
    from soundstage.messages.verdict import Need


class FailedRun(Struct, frozen=True, kw_only=True):
    """A run in which an expectation did not pass.

    Attributes:
        seed: of the run.
        sentence: what happened instead.
        agent: the agent that it turns on, or empty.
        at: the moment to listen to, in seconds; None where there is none.
    """

    seed: int
    sentence: str
    agent: str
    at: float | None


class ExpectationCase(Struct, kw_only=True):
    """An expectation in a cell.

    Attributes:
        cell: the cell's name; empty without a matrix.
        id: the expectation's own.
        need: `required` or `advisory`.
        counts: how many runs had each status.
        failed: the failed run with the smallest seed; None where none failed.
        unknown: the same of those in which it could not be judged.
    """

    cell: str
    id: str
    need: Need
    counts: Counter[str]
    failed: FailedRun | None = None
    unknown: FailedRun | None = None

    @property
    def runs(self) -> int:
        """In how many runs it stood."""
        return self.counts.total()


def expectation_cases(rows: Iterable[Row]) -> list[ExpectationCase]:
    """One for each expectation and cell, in the order in which they come up.

    Args:
        rows: of the batch, by their seeds in each cell.
    """
    cases: dict[tuple[str, str], ExpectationCase] = {}
    for row in rows:
        cell = cell_name(row.cell) if row.cell else ""
        for each in row.expectations:
            case = cases.setdefault(
                (cell, each.id),
                ExpectationCase(cell=cell, id=each.id, need=each.need, counts=Counter()),
            )
            case.counts[each.status] += 1
            if each.status == "failed" and case.failed is None:
                case.failed = _failed_run(row, each)
            if each.status == "unknown" and case.unknown is None:
                case.unknown = _failed_run(row, each)
    return list(cases.values())


def _failed_run(row: Row, found: ExpectationRow) -> FailedRun:
    return FailedRun(
        seed=row.seed,
        sentence=found.sentence,
        agent=found.agent,
        at=None if found.pts is None else round(seconds_of(found.pts), 2),
    )
