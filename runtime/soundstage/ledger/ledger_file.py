"""`ledger.jsonl`: a row for each run of a batch, added at its end and never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from soundstage.errors import RunFolderError
from soundstage.ledger.row import Row, encode_row
from soundstage.ledger.unit import cell_text
from soundstage.results import AppendFile, write_failure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from soundstage.ledger.batch_plan import BatchPlan

LEDGER: Final = "ledger.jsonl"
"""The ledger of a batch, in its folder."""

_decoder: Final = msgspec.json.Decoder(Row)


def read_rows(folder: Path) -> Iterator[Row]:
    """The rows of a batch, in the order in which its runs ended; none where there is no ledger.

    One row is in memory at a time. A last line that was torn off is left out: its run is owed.

    Args:
        folder: of the batch.

    Raises:
        RunFolderError: the ledger cannot be read, or a whole line of it is no row.
    """
    return (row for _, row in _lines(folder / LEDGER))


def _lines(path: Path) -> Iterator[tuple[bytes, Row]]:
    """Each whole line, and the row that it holds."""
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    return
                try:
                    yield line, _decoder.decode(line)
                except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
                    raise RunFolderError(f"{path}, line {number} is no row: {error}") from error
    except FileNotFoundError:
        return
    except OSError as error:
        raise RunFolderError(f"{path} cannot be read: {error.strerror or error}") from error


def sorted_rows(folder: Path, plan: BatchPlan) -> Iterator[Row]:
    """The rows of a batch by cell and seed, without those of units that its plan has not.

    Args:
        folder: of the batch.
        plan: its plan, which gives the order of the cells.

    Raises:
        RunFolderError: as `read_rows`.
    """
    path = folder / LEDGER
    cells = {cell_text(cell): place for place, cell in enumerate(plan.cells)}
    places: list[tuple[int, int, int]] = []
    start = 0
    for line, row in _lines(path):
        cell = cells.get(cell_text(row.cell))
        if cell is not None and row.seed in plan.seeds:
            places.append((cell, row.seed, start))
        start += len(line)
    if not places:
        return
    try:
        with path.open("rb") as file:
            for _, _, place in sorted(places):
                file.seek(place)
                yield _decoder.decode(file.readline())
    except OSError as error:
        raise RunFolderError(f"{path} cannot be read: {error.strerror or error}") from error


class Ledger:
    """Adds rows to the ledger of a batch; a batch has one writer at a time.

    Each row is in the file when `add` returns: a process that is killed after that loses none.

    Args:
        folder: of the batch, whose lock the caller holds.

    Raises:
        RunFolderError: what is there cannot be read.
        RecordingFailed: the file cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._file = AppendFile.continuing(folder / LEDGER)

    def add(self, row: Row) -> None:
        """Add a row.

        Raises:
            RecordingFailed: the file takes no more; the row waits, and goes in before the next one.
        """
        self._file.put(encode_row(row))
        self._file.drain()

    def close(self) -> None:
        """Write what waits, and close the file.

        Raises:
            RecordingFailed: it takes no more.
        """
        self._file.close()


def repair(folder: Path) -> frozenset[tuple[str, int]]:
    """Make a ledger ready to be continued; returns the keys of the units that are done.

    A last line that was torn off is cut, and so are the rows of runs that are to be made again. The
    file is written anew beside its place, and put there in one step.

    Raises:
        RunFolderError: it cannot be read.
        RecordingFailed: it cannot be written.
    """
    path = folder / LEDGER
    done: set[tuple[str, int]] = set()
    kept = 0
    for line, row in _lines(path):
        if not (row.is_owed_again or row.key in done):
            done.add(row.key)
            kept += len(line)
    if path.is_file() and path.stat().st_size != kept:
        _rewrite(path)
    return frozenset(done)


def _rewrite(path: Path) -> None:
    """Write the rows that stay, each unit once, and put the file in its place."""
    fresh = path.with_name(f"{path.name}.part")
    done: set[tuple[str, int]] = set()
    try:
        with fresh.open("wb") as file:
            for line, row in _lines(path):
                if not (row.is_owed_again or row.key in done):
                    done.add(row.key)
                    file.write(line)
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise write_failure(str(path), error) from error
