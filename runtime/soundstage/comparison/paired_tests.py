"""What the pairs of two batches show: of all of them, of each cell, and of each expectation."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from soundstage.comparison.paired_difference import (
    PairedDifference,
    holm,
    mcnemar,
    paired_difference,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from soundstage.comparison.paired_runs import Pair

UNJUDGED_AT_MOST: Final = 0.05
"""Share of pairs that may be missing or not judged; with more, the others say too little."""

_WHOLE: Final = "whole"
"""The test of all pairs, among those of the cells, whose names are JSON."""

ComparisonVerdict: TypeAlias = Literal[
    "identical", "improved", "regressed", "no_difference_shown", "not_judged"
]
"""What became of the pass rate.

`identical`: every pair is. `no_difference_shown`: no difference was shown, which does not say that
there is none. `not_judged`: too many pairs are missing, or have a run that could not be judged.
"""


class ExpectationChange(Struct, frozen=True, kw_only=True):
    """What became of one expectation.

    Attributes:
        id: the expectation's own.
        improved: pairs in which it failed before and passes now.
        regressed: pairs in which it passed before and fails now.
        p: of McNemar's exact test; None where all pairs are one observation.
        adjusted: the same, raised by Holm's method for as many tests as there are expectations.
    """

    id: str
    improved: int
    regressed: int
    p: float | None
    adjusted: float | None


class CellChange(Struct, frozen=True, kw_only=True):
    """What became of the verdicts in one cell of a matrix.

    Attributes:
        cell: key path to value.
        pairs: of which both runs were judged.
        improved: pairs that failed before and pass now.
        regressed: pairs that passed before and fail now.
        p: of McNemar's exact test.
        adjusted: the same, raised by Holm's method for as many tests as there are cells, and that
            of all pairs: below the error that is borne, this cell differs, however many were
            looked at.
    """

    cell: dict[str, Any]
    pairs: int
    improved: int
    regressed: int
    p: float
    adjusted: float


def tested(
    pairs: Sequence[Pair], confidence: float
) -> tuple[PairedDifference | None, tuple[CellChange, ...]]:
    """The difference of the pass rates, and what became of each cell of a matrix.

    Returns:
        None in place of the difference where no pair was judged, and no cells without a matrix.
    """
    cells = _cells(pairs)
    steps = Counter(pair.step for pair in pairs)
    judged = len(pairs) - steps["not_judged"]
    if not judged:
        return None, ()
    whole = paired_difference(
        judged, steps["improved"], steps["regressed"], confidence, tests=1 + len(cells)
    )
    adjusted = holm({name: cell.p for name, cell in cells.items()} | {_WHOLE: whole.p})
    return replace(whole, adjusted=adjusted[_WHOLE]), tuple(
        replace(cell, adjusted=adjusted[name]) for name, cell in cells.items()
    )


def _cells(pairs: Iterable[Pair]) -> dict[str, CellChange]:
    """The cells of a matrix by their names, each tested alone."""
    groups: defaultdict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        groups[pair.a.key[0]].append(pair)
    if len(groups) == 1:
        return {}
    found: dict[str, CellChange] = {}
    for name, group in groups.items():
        steps = Counter(pair.step for pair in group)
        p = mcnemar(steps["improved"], steps["regressed"])
        found[name] = CellChange(
            cell=group[0].a.cell,
            pairs=len(group) - steps["not_judged"],
            improved=steps["improved"],
            regressed=steps["regressed"],
            p=p,
            adjusted=p,
        )
    return found


def changed_expectations(pairs: Iterable[Pair], *, single: bool) -> tuple[ExpectationChange, ...]:
    """The expectations that came out differently in a pair, by their order in the file.

    Args:
        pairs: all of them.
        single: whether they are one observation, on which there is no test.
    """
    better: Counter[str] = Counter()
    worse: Counter[str] = Counter()
    known: dict[str, None] = {}
    for pair in pairs:
        known |= dict.fromkeys(pair.a.expectations)
        for name, before in pair.a.expectations.items():
            after = pair.b.expectations.get(name)
            better[name] += (before, after) == ("failed", "passed")
            worse[name] += (before, after) == ("passed", "failed")
    p: Mapping[str, float] = {}
    if not single:
        p = {name: mcnemar(better[name], worse[name]) for name in known}
    adjusted = holm(p)
    return tuple(
        ExpectationChange(
            id=name,
            improved=better[name],
            regressed=worse[name],
            p=p.get(name),
            adjusted=adjusted.get(name),
        )
        for name in known
        if better[name] or worse[name]
    )


def verdict_of(
    pairs: Sequence[Pair],
    missing: int,
    difference: PairedDifference | None,
    cells: Iterable[CellChange],
) -> ComparisonVerdict:
    """What became of the pass rate.

    Args:
        pairs: all of them.
        missing: how many more there would be if both batches were whole.
        difference: of the pass rates; None where there is no test, because all pairs are one
            observation.
        cells: of a matrix.
    """
    steps = Counter(pair.step for pair in pairs)
    if not missing and all(pair.layer == "identical" for pair in pairs):
        return "identical"
    unjudged = steps["not_judged"] + missing
    total = len(pairs) + missing
    if unjudged == total or unjudged > UNJUDGED_AT_MOST * total:
        return "not_judged"
    better, worse = steps["improved"] > 0, steps["regressed"] > 0
    if difference is not None:
        error = 1 - difference.confidence
        tests: list[PairedDifference | CellChange] = [difference, *cells]
        shown = [each for each in tests if each.adjusted <= error]
        better = any(each.improved > each.regressed for each in shown)
        worse = any(each.regressed > each.improved for each in shown)
    if worse:
        return "regressed"
    return "improved" if better else "no_difference_shown"
