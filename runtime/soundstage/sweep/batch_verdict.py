"""The verdict on a batch, from the rows of its ledger: one for each cell of a matrix."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from msgspec import Struct

from soundstage.ledger import cell_name, cell_text
from soundstage.verdict import (
    BatchVerdict,
    all_of_k,
    any_of_k,
    decide,
    decide_early,
    rate_interval,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from soundstage.ledger import BatchPlan, Row, Unit
    from soundstage.sweep.batch_expectations import BatchExpectation
    from soundstage.verdict import Judgement

_SHOWN: Final = 0.95
"""The confidence of an interval that is shown where no rule says which."""

_KS: Final = (1, 2, 4, 8)

Whole: TypeAlias = Literal["", "passed", "failed", "undecided"]


class CellVerdict(Struct, frozen=True, kw_only=True):
    """What became of one cell.

    Attributes:
        cell: its name; empty without a matrix.
        passed: runs that passed.
        judged: runs that passed or failed.
        invalid: runs that could not be judged.
        low: where the rate of passed runs may lie at least, by Wilson's interval; of a batch that
            stops early, by the confidence sequence.
        high: and at most.
        any_of: k to how probable it is that of k runs at least one passes (pass@k).
        all_of: k to how probable it is that all of k pass (pass^k).
        verdict: the verdict by `[verdict]`; None where the file has no such table.
    """

    cell: str
    passed: int
    judged: int
    invalid: int
    low: float
    high: float
    any_of: dict[str, float] = {}
    all_of: dict[str, float] = {}
    verdict: BatchVerdict | None = None


class Failing(Struct, frozen=True):
    """A run that failed: with its seed it can be played again.

    Attributes:
        cell: the name of its cell; empty without a matrix.
        seed: of the run.
        reason: why it failed.
        sets: what its cell sets.
    """

    cell: str
    seed: int
    reason: str
    sets: dict[str, Any] = {}


def judgement_of(row: Row) -> Judgement:
    """What a run counts as: only a fault of an agent under test counts against it."""
    if row.exit_code == 0:
        return "passed"
    return "failed" if row.outcome == "failed" else "invalid"


class Judgements:
    """How the runs of each cell came out, by their seeds.

    Args:
        plan: of the batch; its rule decides.
    """

    def __init__(self, plan: BatchPlan) -> None:
        self._plan = plan
        self._found: defaultdict[str, dict[int, Judgement]] = defaultdict(dict)
        self._decided: set[str] = set()

    def add(self, row: Row) -> None:
        """Count a run."""
        self._found[cell_text(row.cell)][row.seed] = judgement_of(row)

    def verdicts(self) -> tuple[CellVerdict, ...]:
        """One for each cell, in the order of the plan."""
        return tuple(
            self._verdict(cell_name(cell), self._found[cell_text(cell)])
            for cell in self._plan.cells
        )

    def _verdict(self, name: str, found: dict[int, Judgement]) -> CellVerdict:
        rule, every = self._plan.rule, list(found.values())
        verdict: BatchVerdict | None = None
        if rule is not None:
            verdict = (
                decide_early(self._prefix(found), rule) if self._plan.early else decide(every, rule)
            )
        if verdict is not None and self._plan.early:
            every = self._prefix(found)[: verdict.judged + verdict.invalid]
        passed, judged = every.count("passed"), len(every) - every.count("invalid")
        low, high = rate_interval(passed, judged, _SHOWN if rule is None else rule.confidence)
        return CellVerdict(
            cell=name,
            passed=passed,
            judged=judged,
            invalid=len(every) - judged,
            low=low if verdict is None else verdict.low,
            high=high if verdict is None else verdict.high,
            any_of={str(k): p for k in _KS if (p := any_of_k(passed, judged, k)) is not None},
            all_of={str(k): p for k in _KS if (p := all_of_k(passed, judged, k)) is not None},
            verdict=verdict,
        )

    def _prefix(self, found: dict[int, Judgement]) -> list[Judgement]:
        """The runs in the order of their seeds, up to the first one that is not there yet."""
        prefix: list[Judgement] = []
        for seed in self._plan.seeds:
            judgement = found.get(seed)
            if judgement is None:
                break
            prefix.append(judgement)
        return prefix

    def are_decided(self, cell: dict[str, object]) -> bool:
        """Whether a batch that stops early knows what it wants to know of a cell."""
        name, rule = cell_text(cell), self._plan.rule
        if rule is None or not self._plan.early:
            return False
        if name not in self._decided:
            found = decide_early(self._prefix(self._found[name]), rule)
            if found.verdict != "undecided":
                self._decided.add(name)
        return name in self._decided

    @property
    def is_decided(self) -> bool:
        """Whether that is so of every cell, and no further run is needed."""
        return all(self.are_decided(dict(cell)) for cell in self._plan.cells)

    def still_open(self, units: Iterable[Unit]) -> list[Unit]:
        """The units of cells that are not decided."""
        return [unit for unit in units if not self.are_decided(dict(unit.cell))]


def whole_verdict(
    verdicts: Iterable[CellVerdict], expectations: Iterable[BatchExpectation] = ()
) -> Whole:
    """Of all cells: passed only if each is; failed if one is; empty without a rule.

    Expectations that many runs decide, and that are required, count as cells do.
    """
    found: list[str] = [each.verdict.verdict for each in verdicts if each.verdict is not None]
    if not found:
        return ""
    found += [each.status for each in expectations if each.need == "required"]
    if "failed" in found:
        return "failed"
    return "undecided" if "undecided" in found else "passed"
