"""The parts of a batch that were made apart, put together in one folder."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from soundstage.errors import RunFolderError
from soundstage.ledger import (
    UNFINISHED,
    BatchFolder,
    cell_text,
    difference,
    differences,
    place_run,
    read_differences,
    read_plan,
    read_rows,
    write_differences,
)
from soundstage.results import write_failure

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from soundstage.ledger import BatchPlan, Difference, Row


def merge(folders: Sequence[Path], out: Path) -> BatchPlan:
    """Put the batches of some folders together: their rows, and the runs that they have kept.

    The folders stay as they are. Files are linked where the disk allows it, else copied. A unit
    that is in several of them is compared; what differs is written into `differences.json`. A run
    for which the machine failed is left out, and so it is owed.

    Args:
        folders: of the parts.
        out: where the whole belongs: absent, empty, or the whole that is to be added to.

    Returns:
        The plan of the whole.

    Raises:
        RunFolderError: there is no batch in one of the folders, or they are not of one batch.
        RecordingFailed: the whole cannot be written.
    """
    plan = _common_plan(folders)
    with BatchFolder(out, plan) as batch:
        sources: dict[tuple[str, int], Path] = dict.fromkeys(batch.done, out)
        found = list(read_differences(out))
        for folder in folders:
            twice: set[tuple[str, int]] = set()
            for row in read_rows(folder):
                if row.is_owed_again:
                    continue
                if row.key in sources:
                    twice.add(row.key)
                    continue
                _take_run(folder, row, out)
                batch.add(row)
                sources[row.key] = folder
            found += _differences(folder, twice, sources)
        unique = {(cell_text(each.cell), each.seed, each.folders[1]): each for each in found}
        if unique:
            write_differences(out, list(unique.values()))
    return plan


def _common_plan(folders: Sequence[Path]) -> BatchPlan:
    """The plan of which all folders hold parts."""
    plans: list[BatchPlan] = []
    for folder in folders:
        plan = read_plan(folder)
        if plan is None:
            raise RunFolderError(f"{folder} holds no batch: there is no batch.json in it")
        plans.append(plan)
    first = plans[0]
    for folder, plan in zip(folders, plans, strict=True):
        if plan.digest != first.digest:
            told = differences(first.identity, plan.identity)[:5]
            raise RunFolderError(
                f"{folder} and {folders[0]} hold parts of different batches. What differs:\n"
                + "\n".join(f"  {line}" for line in told)
            )
        if plan.seed != first.seed:
            raise RunFolderError(
                f"{folder} begins with seed {plan.seed}, and {folders[0]} with {first.seed}: "
                "these are no parts of one batch"
            )
    cells: list[dict[str, Any]] = []
    for plan in plans:
        cells += [cell for cell in plan.cells if cell not in cells]
    runs = max(plan.runs for plan in plans)
    return replace(first, runs=runs, cells=tuple(cells), shard="")


def _differences(
    folder: Path, twice: set[tuple[str, int]], sources: dict[tuple[str, int], Path]
) -> list[Difference]:
    """What differs between the rows of a folder and those that were there before it."""
    found: list[Difference] = []
    for source in sorted({sources[key] for key in twice}):
        own = {row.key: row for row in read_rows(source) if row.key in twice}
        for row in read_rows(folder):
            if row.key in own and sources[row.key] == source and not row.is_owed_again:
                differs = difference(own[row.key], row, (str(source), str(folder)))
                found += [] if differs is None else [differs]
    return found


def _take_run(folder: Path, row: Row, out: Path) -> None:
    """Link or copy what was kept of a run."""
    kept = row.unit.folder(folder)
    if not kept.is_dir():
        return
    made = out / UNFINISHED / "merged"
    try:
        shutil.rmtree(made, ignore_errors=True)
        shutil.copytree(kept, made, copy_function=_link_or_copy)
    except (OSError, shutil.Error) as error:
        raise write_failure(str(out), OSError(str(error))) from error
    place_run(made, row.unit.folder(out))


def _link_or_copy(source: str, target: str) -> object:
    try:
        os.link(source, target)
    except OSError:  # another disk, or one without links
        return shutil.copy2(source, target)
    return target
