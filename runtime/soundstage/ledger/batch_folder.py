"""The folder of a batch: its plan, its ledger, its runs, and one command at a time that adds."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final, Self

from filelock import FileLock, Timeout

from soundstage.errors import RunFolderError
from soundstage.ledger.batch_plan import check_continues, read_plan, write_plan
from soundstage.ledger.ledger_file import Ledger, repair
from soundstage.results import write_failure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from soundstage.ledger.batch_plan import BatchPlan
    from soundstage.ledger.row import Row
    from soundstage.ledger.unit import Unit

UNFINISHED: Final = ".unfinished"
"""Where runs are until they are over; what is left in it belongs to runs that were broken off."""

_LOCK: Final = ".lock"

_PLACINGS: Final = 3
"""How often a run is put into its place before that counts as failed."""


class BatchFolder:
    """The folder of a batch, held by one command until it is closed.

    The system frees the lock when the process ends, however it ends.

    Args:
        path: the folder: absent, empty, or with the same batch in it, which is continued.
        plan: of the batch.

    Attributes:
        path: the folder.
        plan: of the batch.
        done: the keys of the units that had a row when the folder was opened.

    Raises:
        RunFolderError: there is something else in it, another command is at work in it, or it
            cannot be made.
        RecordingFailed: it cannot be written.
    """

    def __init__(self, path: Path, plan: BatchPlan) -> None:
        self.path = path
        self.plan = plan
        with ExitStack() as undo:
            undo.callback(_locked(path).release)
            old = read_plan(path)
            if old is None:
                _refuse_if_taken(path)
            else:
                check_continues(old, plan, path)
            if old != plan:
                write_plan(path, plan)
            self.done = repair(path)
            shutil.rmtree(path / UNFINISHED, ignore_errors=True)
            self._ledger = Ledger(path)
            undo.callback(self._ledger.close)
            self._closing = undo.pop_all()

    def owed(self) -> Iterator[Unit]:
        """The units that had no row when the folder was opened, in their order."""
        return (unit for unit in self.plan.units() if unit.key not in self.done)

    def add(self, row: Row) -> None:
        """Add the row of a run that is over.

        Raises:
            RecordingFailed: the ledger takes no more.
        """
        self._ledger.add(row)

    def close(self) -> None:
        """Close the ledger, and let other commands have the folder.

        Raises:
            RecordingFailed: a row that waited cannot be written.
        """
        shutil.rmtree(self.path / UNFINISHED, ignore_errors=True)
        self._closing.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def place_run(made: Path, place: Path) -> None:
    """Give a run's folder its name; one that is there has no row, and was left by a killed process.

    Raises:
        RecordingFailed: it cannot be put there.
    """
    for attempt in range(1, _PLACINGS + 1):
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            if place.exists():
                shutil.rmtree(place)
            made.replace(place)
        except OSError as error:
            # A worker that has lost its command a moment ago may put the same run there.
            if attempt == _PLACINGS or not made.exists():
                raise write_failure(str(place), error) from error
        else:
            return


def _locked(path: Path) -> FileLock:
    lock = FileLock(path / _LOCK)
    try:
        path.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise RunFolderError(
            f"another command is at work in {path}: wait until it has ended, or name another "
            "folder with --out"
        ) from error
    except OSError as error:
        raise _unusable(path, error) from error
    return lock


def _refuse_if_taken(path: Path) -> None:
    try:
        taken = next((each.name for each in path.iterdir() if each.name != _LOCK), None)
    except OSError as error:
        raise _unusable(path, error) from error
    if taken is not None:
        raise RunFolderError(
            f"{path} is not empty (there is {taken}), and holds no batch that could be continued: "
            "name a new folder with --out, or empty this one"
        )


def _unusable(path: Path, error: OSError) -> RunFolderError:
    return RunFolderError(
        f"{path} cannot be used: {error.strerror or error}; name another folder with --out"
    )
