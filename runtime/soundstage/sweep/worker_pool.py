"""The workers of a batch: units out, rows in, and a worker that dies is replaced."""

from __future__ import annotations

import multiprocessing
import signal
from collections import Counter, deque
from contextlib import suppress
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Final

import msgspec

from soundstage.kernel import Stopwatch, saved_at_forced_end
from soundstage.ledger import Row, Unit
from soundstage.sweep.engine import ATTEMPTS, LOOKS_EVERY, died
from soundstage.sweep.sweep_worker import STOP, work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from multiprocessing.context import SpawnProcess

    from soundstage.sweep.sweep_request import SweepRequest

STOPS_WITHIN: Final = 8.0
"""Seconds that runs may take to hang up and write their reports; then their workers are killed."""

STILLBORN: Final = 3
"""Workers in a row that die before they have finished a run, after which no more are made."""


class WorkerPool:
    """Runs units in worker processes of this machine.

    It is our own: a live run that is broken off has to hang up and to write its reports, and a
    worker is told so in the middle of one; pools of processes can only kill it.

    Args:
        request: what is run.
        jobs: how many workers there are at most.
        done: gets the row of every run, as they finish; not of one that was broken off.
        asked: says why everything is to be broken off, or nothing.
    """

    def __init__(
        self,
        request: SweepRequest,
        *,
        jobs: int,
        done: Callable[[Row], None],
        asked: Callable[[], str] = str,
    ) -> None:
        self._request = request
        self._jobs = jobs
        self._done = done
        self._asked = asked
        self._workers: list[_Worker] = []
        self._todo: deque[Unit] = deque()
        self._deaths: Counter[tuple[str, int]] = Counter()
        self._stillborn = 0

    def run(self, units: Iterable[Unit]) -> None:
        """Run all units, or as many as there is time for before the user asks to stop."""
        self._todo.extend(units)
        self._workers = [_Worker(self._request) for _ in range(min(self._jobs, len(self._todo)))]
        with saved_at_forced_end(self._kill):
            self._run()

    def _run(self) -> None:
        try:
            while not self._asked() and (self._todo or any(each.unit for each in self._workers)):
                self._hand_out()
                self._take(LOOKS_EVERY)
            self._wind_up()
        finally:
            for worker in self._workers:
                worker.close()

    def _kill(self) -> None:
        """End the workers with this process: one that hangs would live on without it."""
        for worker in list(self._workers):
            worker.kill()

    def _hand_out(self) -> None:
        for worker in self._workers:
            if self._todo and worker.unit is None:
                worker.start(self._todo.popleft())

    def _take(self, within: float) -> None:
        """Take what the workers have to tell, waiting so many seconds for it."""
        ready = wait([worker.connection for worker in self._workers], within)
        for worker in [each for each in self._workers if each.connection in ready]:
            row = worker.receive()
            if row is None:
                self._bury(worker)
                continue
            self._stillborn = 0
            if row.outcome != "interrupted":
                self._done(row)

    def _bury(self, worker: _Worker) -> None:
        """Run a dead worker's unit again, and make another worker where there is more to do."""
        self._workers.remove(worker)
        unit, cause = worker.unit, worker.close()
        self._stillborn += 1
        if unit is not None:
            self._deaths[unit.key] += 1
            if self._deaths[unit.key] < ATTEMPTS:
                self._todo.append(unit)
            else:
                self._done(died(unit, cause))
        if self._stillborn >= max(STILLBORN, self._jobs):
            for lost in self._todo:
                self._done(died(lost, cause))
            self._todo.clear()
        elif self._todo and not self._asked():
            self._workers.append(_Worker(self._request))

    def _wind_up(self) -> None:
        """Ask all workers to stop, and take what they still have to tell."""
        for worker in self._workers:
            worker.stop()
        watch = Stopwatch()
        while self._workers and watch.seconds < STOPS_WITHIN:
            self._todo.clear()
            self._take(LOOKS_EVERY)


class _Worker:
    """A process, and the unit that it is at.

    Attributes:
        connection: to it.
        unit: the one it is at, or None.
    """

    def __init__(self, request: SweepRequest) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.unit: Unit | None = None
        self._process: SpawnProcess = context.Process(
            target=work, args=(theirs, request), name="soundstage-worker", daemon=True
        )
        self._process.start()
        theirs.close()

    def start(self, unit: Unit) -> None:
        """Have it run a unit."""
        self.unit = unit
        with suppress(OSError):  # it is dead, which shows when its word is waited for
            self.connection.send_bytes(msgspec.msgpack.encode(unit))

    def stop(self) -> None:
        """Ask it to break off what it does, and to end."""
        with suppress(OSError):
            self.connection.send_bytes(STOP)

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def receive(self) -> Row | None:
        """The row of its run; None where it is dead."""
        try:
            content = self.connection.recv_bytes()
        except (EOFError, OSError):
            return None
        self.unit = None
        return msgspec.json.decode(content, type=Row)

    def close(self) -> str:
        """See it end, or make it; returns how it ended."""
        self._process.join(1)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        code = self._process.exitcode or 0
        self.connection.close()
        self._process.close()
        return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"exited with {code}"
