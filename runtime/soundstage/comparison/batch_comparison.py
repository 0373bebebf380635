"""Two batches compared: what is identical, what changed first, and which variant is better."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct

from soundstage.comparison.batch_runs import read_runs
from soundstage.comparison.divergence import Side, What
from soundstage.comparison.paired_difference import PairedDifference
from soundstage.comparison.paired_runs import paired
from soundstage.comparison.paired_tests import (
    CellChange,
    ComparisonVerdict,
    ExpectationChange,
    changed_expectations,
    tested,
    verdict_of,
)
from soundstage.comparison.run_diff import Setting, differing_settings
from soundstage.errors import RunFolderError
from soundstage.messages.outcome import EXIT_ENDED, EXIT_FAILED, EXIT_INVALID
from soundstage.units import WALL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from soundstage.comparison.batch_runs import BatchRuns, ComparedRun
    from soundstage.comparison.paired_runs import Pair

COMPARISON_VERSION: Final = 1
"""Raised when a field changes its meaning or goes; new fields do not raise it."""


class UnitName(Struct, frozen=True, kw_only=True):
    """A run by its cell and seed.

    Attributes:
        seed: of the run.
        cell: what was changed in the scenario for it; empty without a matrix.
    """

    seed: int
    cell: dict[str, Any] = {}


class ComparedBatch(Struct, frozen=True, kw_only=True):
    """One of the two batches.

    Attributes:
        folder: where it is.
        scenario: the scenario's file stem.
        runs: how many it has.
        passed: how many passed.
        failed: how many failed.
        invalid: how many say nothing of what is under test.
        only_here: runs whose cell and seed the other batch has not; they are not compared.
        repeated: further runs of the same seed, which are one observation and were left out.
    """

    folder: str
    scenario: str
    runs: int
    passed: int
    failed: int
    invalid: int
    only_here: tuple[UnitName, ...] = ()
    repeated: int = 0


class Replaced(Struct, frozen=True, kw_only=True):
    """Words in place of others.

    Attributes:
        a: what the first run has.
        b: what the second run has in its place.
    """

    a: str
    b: str


class Change(Struct, frozen=True, kw_only=True):
    """Pairs that differ in the same way first.

    Attributes:
        what: how they differ first.
        agent: whose event it is in the first run, or empty.
        replaced: what stands in place of what: the words alone where only some of them differ.
        same: how many pairs kept their verdict.
        improved: how many failed before and pass now.
        regressed: how many passed before and fail now.
        not_judged: how many have a run that could not be judged.
        runs: all of them, by cell and seed.
        a: the event of the first of them in the first batch; None where it has no more.
        b: the event in the second batch, likewise.
        folders: of the first of them: both runs, for `soundstage diff`.
    """

    what: What
    agent: str
    replaced: tuple[Replaced, ...]
    same: int
    improved: int
    regressed: int
    not_judged: int
    runs: tuple[UnitName, ...]
    a: Side | None
    b: Side | None
    folders: tuple[str, str]


class BatchComparison(Struct, frozen=True, kw_only=True):
    """Two batches compared, seed by seed.

    Attributes:
        version: of this format.
        verdict: of the pass rate; of a matrix, `regressed` where one cell is shown to have, and
            `improved` where one is and none has regressed.
        confidence: of the interval and of all tests, as a share.
        clock: `wall` or `virtual`.
        a: the first batch.
        b: the second batch.
        settings: the keys with which they were made differently.
        pairs: how many cells and seeds both have.
        identical: pairs in which the same was played and called at the same times.
        alike: pairs on the wall clock in which the same was said and done.
        changed: pairs that differ and kept their verdict.
        improved: pairs that failed before and pass now.
        regressed: pairs that passed before and fail now.
        not_judged: pairs with a run that could not be judged.
        missing: cells and seeds that both batches declare, and of which one has no run.
        untold: pairs whose event logs would tell how they differ, and are not kept.
        one_observation: whether nothing varies with the seed, so that all pairs of a cell are one.
        difference: of the pass rates; None where no pair was judged or all are one observation.
        changes: what changed first, the most frequent first.
        expectations: those that came out differently in a pair, by their id.
        cells: of a matrix, each; empty without one.
        processors: the kinds of processors, where the pairs were made on more than one: what
            differs between them may be the processors' doing.
    """

    version: int = COMPARISON_VERSION
    verdict: ComparisonVerdict
    confidence: float
    clock: str
    a: ComparedBatch
    b: ComparedBatch
    settings: tuple[Setting, ...] = ()
    pairs: int
    identical: int
    alike: int
    changed: int
    improved: int
    regressed: int
    not_judged: int
    missing: int
    untold: int
    one_observation: bool
    difference: PairedDifference | None
    changes: tuple[Change, ...] = ()
    expectations: tuple[ExpectationChange, ...] = ()
    cells: tuple[CellChange, ...] = ()
    processors: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """1 where the second batch is worse, 3 where nothing could be judged, else 0."""
        if self.verdict == "not_judged":
            return EXIT_INVALID
        return EXIT_FAILED if self.verdict == "regressed" else EXIT_ENDED


def compare_batches(mine: Path, theirs: Path, *, confidence: float = 0.95) -> BatchComparison:
    """Compare two batches by the seeds that both have.

    Args:
        mine: the folder of the first one: of a batch, of a run, or with runs below it.
        theirs: the folder of the second one.
        confidence: of the interval and of the test, between 0 and 1.

    Raises:
        RunFolderError: there is no run, one cannot be read, their clocks differ, or they have no
            seed in common.
    """
    a, b = read_runs(mine), read_runs(theirs)
    if a.clock != b.clock:
        raise RunFolderError(
            f"{mine} has runs of the {a.clock} clock, and {theirs} of the {b.clock} clock: the two "
            "are never compared, because one is random from run to run and the other is not"
        )
    pairs = list(paired(a, b))
    if not pairs:
        raise RunFolderError(
            f"{mine} and {theirs} have no seed in common ({_seeds(a)}; {_seeds(b)}): "
            "run both with the same seeds and the same [matrix]"
        )
    return _compared(a, b, pairs, confidence)


def comparison_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of what `soundstage compare --json` prints."""
    (found,), types = msgspec.json.schema_components(
        (BatchComparison,), ref_template="#/$defs/{name}"
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Two batches of Soundstage runs compared",
        "version": COMPARISON_VERSION,
        **found,
        "$defs": types,
    }


def _compared(
    a: BatchRuns, b: BatchRuns, pairs: Sequence[Pair], confidence: float
) -> BatchComparison:
    layers = Counter(pair.layer for pair in pairs)
    steps = Counter(pair.step for pair in pairs)
    single = _is_one_observation(a, b, pairs)
    found, cells = (None, ()) if single else tested(pairs, confidence)
    missing = len((a.declared & b.declared) - {pair.a.key for pair in pairs})
    kept = [pair for pair in pairs if pair.step == "same"]
    processors = sorted({run.processor for pair in pairs for run in (pair.a, pair.b)} - {""})
    return BatchComparison(
        verdict=verdict_of(pairs, missing, found, cells),
        confidence=confidence,
        clock=a.clock,
        a=_side(a, b),
        b=_side(b, a),
        settings=tuple(differing_settings(a.settings, b.settings)),
        pairs=len(pairs),
        identical=layers["identical"],
        alike=layers["alike"],
        changed=sum(pair.layer in {"changed", "untold"} for pair in kept),
        improved=steps["improved"],
        regressed=steps["regressed"],
        not_judged=steps["not_judged"],
        missing=missing,
        untold=layers["untold"],
        one_observation=single,
        difference=found,
        changes=_changes(pairs),
        expectations=changed_expectations(pairs, single=single),
        cells=cells,
        processors=tuple(processors) if len(processors) > 1 else (),
    )


def _is_one_observation(a: BatchRuns, b: BatchRuns, pairs: Sequence[Pair]) -> bool:
    """Whether each batch is the same run over and over, because nothing varies with its seed."""
    if a.clock == WALL or not all(run.deterministic for pair in pairs for run in (pair.a, pair.b)):
        return False
    if a.varies == {} and b.varies == {}:
        return True
    sides = [pair.a for pair in pairs], [pair.b for pair in pairs]
    return len(pairs) > 1 and all(_are_equal(side) for side in sides)


def _are_equal(runs: Iterable[ComparedRun]) -> bool:
    prints = {run.fingerprint for run in runs}
    return len(prints) == 1 and "" not in prints


def _side(own: BatchRuns, other: BatchRuns) -> ComparedBatch:
    verdicts = Counter(run.verdict for run in own.runs.values())
    return ComparedBatch(
        folder=str(own.folder),
        scenario=own.scenario,
        runs=len(own.runs),
        passed=verdicts["passed"],
        failed=verdicts["failed"],
        invalid=verdicts["invalid"],
        only_here=tuple(_name(run) for key, run in own.runs.items() if key not in other.runs),
        repeated=own.repeated,
    )


def _name(run: ComparedRun) -> UnitName:
    return UnitName(seed=run.seed, cell=run.cell)


def _changes(pairs: Iterable[Pair]) -> tuple[Change, ...]:
    """What changed first, by how many pairs it changed in; of as many, by their order."""
    groups: defaultdict[object, list[Pair]] = defaultdict(list)
    for pair in pairs:
        if pair.first is not None:
            groups[pair.cause].append(pair)
    changes = [_change(group) for group in groups.values()]
    return tuple(sorted(changes, key=lambda change: -len(change.runs)))


def _change(group: Sequence[Pair]) -> Change:
    example = group[0]
    steps = Counter(pair.step for pair in group)
    first = example.first
    what, agent, replaced = example.cause
    return Change(
        what="sound" if first is None else first.what,
        agent=agent,
        replaced=tuple(Replaced(a=old, b=new) for old, new in replaced) if what else (),
        same=steps["same"],
        improved=steps["improved"],
        regressed=steps["regressed"],
        not_judged=steps["not_judged"],
        runs=tuple(_name(pair.a) for pair in group),
        a=None if first is None else first.a,
        b=None if first is None else first.b,
        folders=(str(example.a.folder), str(example.b.folder)),
    )


def _seeds(batch: BatchRuns) -> str:
    seeds = sorted({run.seed for run in batch.runs.values()})
    cells = {key[0] for key in batch.runs}
    many = f" in {len(cells)} cells" if len(cells) > 1 else ""
    return f"{seeds[0]} to {seeds[-1]}{many}" if len(seeds) > 1 else f"{seeds[0]}{many}"
