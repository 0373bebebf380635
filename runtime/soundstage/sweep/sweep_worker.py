"""A worker: a process that runs the units it is given, one after the other."""

from __future__ import annotations

import logging
import shutil
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from soundstage.config import written_set
from soundstage.errors import SoundstageError
from soundstage.kernel import Interrupts, Stopwatch
from soundstage.ledger import UNFINISHED, Row, Unit, cell_text, encode_row, place_run
from soundstage.messages import cause_of_break_off, outcome_of
from soundstage.results import PACKED, pack_track, write_failure
from soundstage.run import add_page, cache_for, play
from soundstage.scenario import load_scenario
from soundstage.sweep.run_row import row_of, row_without_run
from soundstage.sweep.sweep_request import Keep

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from multiprocessing.connection import Connection

    from soundstage.results import RunFolder
    from soundstage.scenario import Scenario
    from soundstage.sweep.sweep_request import SweepRequest

STOP: Final = b"stop"
"""What a worker is told in place of a unit, also during a run."""


class UnitRunner:
    """Runs units of a batch in this process, which keeps what a later one can use.

    Args:
        request: what is run.
    """

    def __init__(self, request: SweepRequest) -> None:
        logging.getLogger("soundstage").addHandler(logging.NullHandler())
        self._request = request
        # Engines and cache are the process's: the second run finds them as the first one left them.
        self._cache = cache_for(request.clock, request.cache)
        self._scenarios: dict[str, Scenario] = {}

    def run(self, unit: Unit, hang_up: Callable[[], str] = str) -> Row:
        """Run one unit; whatever goes wrong is in its row.

        Its folder is written under another name, and gets its own when the run is over.

        Args:
            unit: what to run.
            hang_up: why the run is to be broken off, or an empty text.
        """
        watch = Stopwatch()
        try:
            scenario = self._scenario(unit).with_seed(unit.seed)
            return self._made(unit, scenario, watch, hang_up)
        except (SoundstageError, OSError) as error:
            return row_without_run(unit, outcome_of(cause_of_break_off(error)), watch.seconds)

    def _made(
        self, unit: Unit, scenario: Scenario, watch: Stopwatch, hang_up: Callable[[], str]
    ) -> Row:
        with _workplace(self._request.out) as place:
            played = play(
                scenario,
                out=place / "run",
                cache=self._cache,
                hang_up=hang_up,
                page=False,
                shared=self._request.servers,
            )
            row = row_of(unit, scenario, played, watch.seconds)
            if row.outcome != "interrupted" and self._request.keep is not Keep.NONE:
                self._keep(row, played.folder)
        return row

    def _keep(self, row: Row, folder: RunFolder) -> None:
        """Put a run into its place, whole or reduced to its log.

        Raises:
            RecordingFailed: the disk takes no more.
        """
        if self._request.keep is Keep.ALL or row.exit_code:
            self._pack(folder)
            add_page(folder)
        else:
            _reduce(folder)
        place_run(folder.path, row.unit.folder(self._request.out))

    def _pack(self, folder: RunFolder) -> None:
        """Write the sound of a run that is kept in the format that is wanted."""
        if self._request.sound not in PACKED:
            return
        try:
            for path in sorted(folder.sounds.glob("*.wav")):
                pack_track(path, self._request.sound)
        except OSError as error:
            raise write_failure(str(folder.sounds), error) from error

    def _scenario(self, unit: Unit) -> Scenario:
        """The scenario of a cell, read once."""
        name = cell_text(unit.cell)
        if name not in self._scenarios:
            request = self._request
            changed = (written_set(path, value) for path, value in unit.cell.items())
            self._scenarios[name] = load_scenario(
                request.file,
                sets=(*request.sets, *changed),
                provider=request.provider,
                clock=request.clock,
            )
        return self._scenarios[name]


def work(connection: Connection, request: SweepRequest) -> None:
    """Run the units that come, until told to stop; the main function of a worker's process.

    Args:
        connection: units come from it, and rows go to it, encoded.
        request: what is run.
    """
    with Interrupts(is_last=True) as interrupts:
        inbox, runner = _Inbox(connection, interrupts), UnitRunner(request)
        while not inbox.stopped and (unit := inbox.next_unit()) is not None:
            row = runner.run(unit, inbox.look)
            with suppress(OSError):  # the process that ordered this is gone, as `inbox` will find
                connection.send_bytes(encode_row(row))
        connection.close()


@contextmanager
def _workplace(out: Path) -> Generator[Path]:
    """A folder for a run that is not over; what is left in it goes with it."""
    try:
        (out / UNFINISHED).mkdir(parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(dir=out / UNFINISHED))
    except OSError as error:
        raise write_failure(str(out / UNFINISHED), error) from error
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _reduce(folder: RunFolder) -> None:
    try:
        folder.reduce_to_log()
    except OSError as error:
        raise write_failure(str(folder.path), error) from error


class _Inbox:
    """What comes to a worker: units, the word to stop, signals, and the end of its parent."""

    def __init__(self, connection: Connection, interrupts: Interrupts) -> None:
        self._connection = connection
        self._interrupts = interrupts
        self._why = ""

    @property
    def stopped(self) -> bool:
        """Whether no more is to be done."""
        return bool(self._why or self._interrupts.reason)

    def next_unit(self) -> Unit | None:
        """Wait for the next unit; None when there is no more to do."""
        message = self._receive()
        return None if message == STOP else msgspec.msgpack.decode(message, type=Unit)

    def look(self) -> str:
        """Why the run under way is to be broken off, or nothing."""
        self._why = self._why or self._interrupts.reason
        if not self._why and self._connection.poll():
            self._receive()
        return self._why

    def _receive(self) -> bytes:
        try:
            message = self._connection.recv_bytes()
        except (EOFError, OSError):  # the process that ordered this is gone
            message = STOP
        if message == STOP:
            self._why = self._why or "interrupt"
        return message
