"""Expectations that many runs decide together: a metric over the turns of all of them."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, Literal

from msgspec import Struct, structs

from soundstage.config.values import is_list, is_table
from soundstage.expectations import amount, unit_of, written_amount
from soundstage.ledger import cell_name, cell_text
from soundstage.verdict import Estimate, mean_over_runs, percentile_over_runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from soundstage.ledger import BatchPlan, Row

_SHARES: Final = {"median": 0.5, "p95": 0.95}


class BatchExpectation(Struct, frozen=True, kw_only=True):
    """What became of an expectation with `over = "batch"` in one cell.

    Attributes:
        cell: the name of the cell; empty without a matrix.
        id: of the expectation.
        metric: what is measured.
        need: `required` or `advisory`.
        status: `passed` where the whole interval is within the limits, `failed` where it is
            outside, else `undecided`; so are fewer than 20 runs.
        sentence: the value, its interval, and the limits.
        value: over all runs: the percentile of all single values, else their mean; None where there
            is none, or where so many answers never came that it is infinite.
        low: from where it may lie, with 95 %; None for fewer than 20 runs.
        high: up to where; None likewise, or where it is infinite.
        runs: how many there are.
        values: how many single values they have, answers that never came included.
    """

    cell: str
    id: str
    metric: str
    need: str
    status: Literal["passed", "failed", "undecided"]
    sentence: str
    value: float | None
    low: float | None
    high: float | None
    runs: int
    values: int


class BatchMetrics:
    """Gathers what the runs of a batch add to its expectations.

    Args:
        plan: of the batch, which has its expectations as they were written.
    """

    def __init__(self, plan: BatchPlan) -> None:
        self._plan = plan
        tables: object = plan.identity.get("tables")
        written: object = tables.get("expect") if is_table(tables) else None
        self._declared: list[Mapping[str, Any]] = [
            each
            for each in (written if is_list(written) else ())
            if is_table(each) and each.get("over") == "batch"
        ]
        self._values: defaultdict[tuple[str, str], list[list[float]]] = defaultdict(list)

    def add(self, row: Row) -> None:
        """Take what a run adds; a run that says nothing of its agents adds nothing."""
        if row.outcome not in {"ended", "failed"}:
            return
        for name, pool in row.pools.items():
            values = [*pool.values, *([math.inf] * pool.missing)]
            self._values[cell_text(row.cell), name].append(values)

    def found(self) -> list[BatchExpectation]:
        """What became of each, cell by cell."""
        return [
            _judged(each, cell_name(cell), self._values[cell_text(cell), str(each.get("id"))])
            for cell in self._plan.cells
            for each in self._declared
        ]


def pooled_expectations(
    plan: BatchPlan, rows: Iterable[Row], cell: Mapping[str, Any] | None = None
) -> list[BatchExpectation]:
    """What became of the expectations that many runs decide, in one cell.

    Args:
        plan: of the batch.
        rows: the runs of the cell.
        cell: which one; the one without changes where it is None.
    """
    metrics = BatchMetrics(structs.replace(plan, cells=(dict(cell or {}),)))
    for row in rows:
        metrics.add(row)
    return metrics.found()


def _judged(table: Mapping[str, Any], cell: str, runs: list[list[float]]) -> BatchExpectation:
    metric = str(table.get("metric"))
    share = _SHARES.get(metric.rpartition(".")[2])
    found = mean_over_runs(runs) if share is None else percentile_over_runs(runs, share)
    status, limits = _compared(found, table)
    unit = unit_of(metric)

    def shown(value: float | None) -> str:
        if value is None:
            return "nothing"
        return "no answer" if math.isinf(value) else written_amount(unit, value)

    told = f"{metric} of {found.runs} runs is {shown(found.value)} (n = {found.values})"
    if found.low is not None and found.high is not None:
        told += f", {shown(found.low)} to {shown(found.high)}"
    return BatchExpectation(
        cell=cell,
        id=str(table.get("id")),
        metric=metric,
        need=str(table.get("need", "required")),
        status=status,
        sentence=f"{told}; {limits}",
        value=_finite(found.value),
        low=_finite(found.low),
        high=_finite(found.high),
        runs=found.runs,
        values=found.values,
    )


def _compared(
    found: Estimate, table: Mapping[str, Any]
) -> tuple[Literal["passed", "failed", "undecided"], str]:
    most, least = table.get("at_most"), table.get("at_least")
    words = (("at most", most), ("at least", least))
    limits = " and ".join(f"{word} {limit}" for word, limit in words if limit is not None)
    if found.low is None or found.high is None:
        return "undecided", f"{limits}: fewer than 20 runs, or nothing to measure"
    above = math.inf if most is None else amount(most)[1]
    below = -math.inf if least is None else amount(least)[1]
    if found.low > above or found.high < below:
        return "failed", limits
    if found.high <= above and found.low >= below:
        return "passed", limits
    return "undecided", limits


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
