"""`soundstage compare`: two batches, seed by seed: what changed, and which is better."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TextIO

import msgspec

from soundstage.comparison import UNJUDGED_AT_MOST, compare_batches
from soundstage.ledger import cell_name
from soundstage.printable_text import printable_json, printable_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from soundstage.comparison import (
        BatchComparison,
        Change,
        ComparedBatch,
        PairedDifference,
        Side,
        UnitName,
    )

_SHOWN: Final = 12
"""Settings, changes and cells that are shown; JSON has all."""

_SEEDS: Final = 8

_WHAT: Final = {
    "words": "says other words",
    "time": "the same, at another time",
    "event": "something else happens",
    "detail": "the same, with other details",
    "length": "one run has nothing more",
    "sound": "the sound alone",
}

_VERDICTS: Final = {
    "identical": "the same was played and called in each pair",
    "improved": "B passes more often",
    "regressed": "B passes less often",
    "no_difference_shown": "no difference of the pass rates was shown, which is not to say that "
    "there is none",
    "not_judged": f"more than {UNJUDGED_AT_MOST:.0%} of the pairs are missing, or have a run that "
    "could not be judged",
}


def compare(mine: Path, theirs: Path, *, confidence: float, as_json: bool, out: TextIO) -> int:
    """Show how the second batch differs from the first.

    Args:
        mine: the folder of the first batch.
        theirs: the folder of the second one.
        confidence: of the interval and the tests, as a share.
        as_json: whether it is one line of JSON.
        out: gets it.

    Returns:
        0, 1 if the second batch is worse, or 3 if that could not be judged.

    Raises:
        RunFolderError: one of them has no run, or they cannot be compared.
    """
    found = compare_batches(mine, theirs, confidence=confidence)
    if as_json:
        out.write(printable_json(msgspec.json.encode(found).decode()) + "\n")
    else:
        out.write("".join(printable_line(line) + "\n" for line in _lines(found)))
    return found.exit_code


def _lines(found: BatchComparison) -> Iterator[str]:
    yield f"A  {_about(found.a)}"
    yield f"B  {_about(found.b)}"
    yield from (
        f"set      {each.path}: {each.a or 'nothing'} | {each.b or 'nothing'}"
        for each in found.settings[:_SHOWN]
    )
    yield from _rest(found.settings, "settings")
    if found.processors:
        yield f"made on  {', '.join(found.processors)}: what differs may be their doing"
    yield f"pairs    {_pairs(found)}"
    if found.one_observation:
        yield "         nothing varies with the seed: all pairs of a cell are one observation"
    for change in found.changes[:_SHOWN]:
        yield from _change(change)
    yield from _rest(found.changes, "ways in which pairs differ first")
    yield from _tests(found)
    if found.difference is not None and found.verdict != "identical":
        yield from _difference(found.difference)
    yield f"verdict  {found.verdict}: {_VERDICTS[found.verdict]}"


def _rest(all_of_them: Sequence[object], what: str) -> Iterator[str]:
    if len(all_of_them) > _SHOWN:
        yield f"         and {len(all_of_them) - _SHOWN} more {what}, see --json"


def _about(batch: ComparedBatch) -> str:
    counts = f"{batch.passed} passed, {batch.failed} failed, {batch.invalid} invalid"
    more = f", {len(batch.only_here)} of them only here" if batch.only_here else ""
    again = f", {batch.repeated} repeated ones left out" if batch.repeated else ""
    return f"{batch.folder}  {batch.scenario}, {batch.runs} runs: {counts}{more}{again}"


def _pairs(found: BatchComparison) -> str:
    counts = (
        (found.identical, "identical"),
        (found.alike, "alike"),
        (found.changed, "changed with the same verdict"),
        (found.improved, "improved"),
        (found.regressed, "regressed"),
        (found.not_judged, "not judged"),
    )
    told = ", ".join(f"{count} {what}" for count, what in counts if count)
    told += f"; {found.missing} more are not there yet" if found.missing else ""
    untold = f"; of {found.untold}, no log is kept that would tell how" if found.untold else ""
    return f"{found.pairs}: {told}{untold}"


def _change(change: Change) -> Iterator[str]:
    steps = (
        (change.improved, "improved"),
        (change.regressed, "regressed"),
        (change.not_judged, "not judged"),
    )
    told = "".join(f", {count} {what}" for count, what in steps if count)
    words = "; ".join(f"{each.a or '-'} | {each.b or '-'}" for each in change.replaced)
    agent = f"{change.agent} " if change.what == "words" and change.agent else ""
    about = f": {words}" if change.what == "words" else ""
    yield f"{len(change.runs):>5} differ first by: {agent}{_WHAT[change.what]}{about}{told}"
    yield f"         A  {_told(change.a)}"
    yield f"         B  {_told(change.b)}"
    yield f"         {_named(change.runs)}"
    yield f"         soundstage diff {change.folders[0]} {change.folders[1]}"


def _told(side: Side | None) -> str:
    return "(no more)" if side is None else f"{side.at:.3f} s  {side.text}"


def _named(runs: Sequence[UnitName]) -> str:
    named = [
        f"{cell_name(run.cell)} seed {run.seed}" if run.cell else str(run.seed)
        for run in runs[:_SEEDS]
    ]
    more = f" and {len(runs) - _SEEDS} more" if len(runs) > _SEEDS else ""
    return f"seeds {', '.join(named)}{more}"


def _tests(found: BatchComparison) -> Iterator[str]:
    for each in found.expectations:
        p = f", p = {each.p:.3g}" if each.p is not None else ""
        all_of_them = f" ({each.adjusted:.3g} for all expectations)" if each.adjusted else ""
        yield (
            f"expected {each.id}: {each.improved} improved, {each.regressed} regressed"
            f"{p}{all_of_them}"
        )
    for cell in found.cells[:_SHOWN]:
        yield (
            f"cell     {cell_name(cell.cell)}: {cell.pairs} pairs, {cell.improved} improved, "
            f"{cell.regressed} regressed, p = {cell.p:.3g} ({cell.adjusted:.3g} for all cells)"
        )
    yield from _rest(found.cells, "cells")


def _difference(rates: PairedDifference) -> Iterator[str]:
    cells = f", {rates.adjusted:.3g} with the cells" if rates.adjusted != rates.p else ""
    yield (
        f"rate     B passes {rates.estimate:+.1%}: {rates.low:+.1%} to {rates.high:+.1%} "
        f"({100 * rates.confidence:.4g} % confidence; exact McNemar p = {rates.p:.3g}{cells})"
    )
    yield (
        f"         {rates.pairs} pairs would have shown a difference of {rates.smallest:.1%}"
        if rates.smallest < 1
        else f"         {rates.pairs} pairs are too few to show any difference"
    )
