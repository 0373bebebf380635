"""Units on a Ray cluster: batches of seeds a task, rows back, run folders to a shared path."""

from __future__ import annotations

import os
import signal
from collections import Counter, deque
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import msgspec

from soundstage.errors import EngineMissing, InfrastructureError, error_text
from soundstage.ledger import Row, Unit
from soundstage.sweep.engine import ATTEMPTS, LOOKS_EVERY, died
from soundstage.sweep.ray_task import run_units

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence

    from soundstage.sweep.sweep_request import SweepRequest

TASK_SECONDS: Final = 10.0
"""Of a task: a shorter one costs more than it does, and a longer one is lost with its node."""

LARGEST_TASK: Final = 200
"""Units in one task at most."""

IN_FLIGHT: Final = 2
"""Tasks for each CPU that are submitted and not over: one that runs, and the next one."""

_THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""What keeps numerical libraries to the one CPU that a task has."""


class RayEngine:
    """Runs units on a Ray cluster, or on this machine where no cluster is named.

    A task that is lost with its worker or its node is submitted again, its units one by one. An
    error of the scenario is no such failure: it is in the row.

    Args:
        request: what is run; its folder is a path that all nodes share.
        done: gets the row of every run, as they finish.
        asked: says why everything is to be broken off, or nothing.
        jobs: CPUs that are used on this machine; None for all. A cluster has its own number.
        address: of the cluster, as `ray start` prints it; None for this machine alone.

    Raises:
        EngineMissing: Ray is not installed.
    """

    def __init__(
        self,
        request: SweepRequest,
        *,
        done: Callable[[Row], None],
        asked: Callable[[], str] = str,
        jobs: int | None = None,
        address: str | None = None,
    ) -> None:
        self._request = request
        self._done = done
        self._asked = asked
        self._jobs = jobs
        self._address = address
        self._todo: deque[Unit] = deque()
        self._running: dict[Any, tuple[Unit, ...]] = {}
        self._deaths: Counter[tuple[str, int]] = Counter()
        self._seconds = 0.0
        self._counted = 0.0
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        try:
            self._ray: Any = import_module("ray")
        except ImportError as error:
            raise EngineMissing(
                'Ray is not installed: pip install "soundstage[ray]", or leave out --engine ray'
            ) from error

    def run(self, units: Iterable[Unit]) -> None:
        """Run all units, or as many as there is time for before the user asks to stop.

        Raises:
            InfrastructureError: the cluster cannot be reached, or is lost.
        """
        self._todo.extend(units)
        if not self._todo:
            return
        with self._connected():
            task = self._ray.remote(num_cpus=1, max_retries=0)(run_units)
            self._warm(task)
            try:
                while not self._asked() and (self._todo or self._running):
                    self._hand_out(task)
                    self._take()
            finally:
                for reference in self._running:
                    self._ray.cancel(reference, force=True)

    @contextmanager
    def _connected(self) -> Generator[None]:
        local = {} if self._address else {"num_cpus": self._jobs, "include_dashboard": False}
        # Ray has a handler of its own for this signal; the command's own stays.
        own = signal.getsignal(signal.SIGTERM)
        try:
            self._ray.init(
                address=self._address,
                log_to_driver=False,
                logging_level="ERROR",
                runtime_env={"env_vars": dict.fromkeys(_THREADS, "1")},
                **local,
            )
        except (ConnectionError, RuntimeError, OSError, ValueError) as error:
            where = self._address or "this machine"
            raise InfrastructureError(f"Ray cannot be used on {where}: {error}") from error
        try:
            signal.signal(signal.SIGTERM, own)
            yield
        finally:
            self._ray.shutdown()

    def _warm(self, task: Any) -> None:
        """Have each node run one unit first: it fills its cache of speech for those that follow."""
        affinity = import_module("ray.util.scheduling_strategies").NodeAffinitySchedulingStrategy
        for node in self._ray.nodes():
            if node["Alive"] and node["Resources"].get("CPU") and self._todo:
                on = affinity(node_id=node["NodeID"], soft=True)
                self._submit(task.options(scheduling_strategy=on), (self._todo.popleft(),))
        while self._running and not self._asked():
            self._take()

    def _hand_out(self, task: Any) -> None:
        most = IN_FLIGHT * max(1, int(self._ray.cluster_resources().get("CPU", 1)))
        spread = task.options(scheduling_strategy="SPREAD")
        while self._todo and len(self._running) < most:
            # A unit whose worker died has its task alone: it takes no other one with it.
            size = 1 if self._deaths[self._todo[0].key] else self._size(most)
            taken = [self._todo.popleft() for _ in range(min(size, len(self._todo)))]
            self._submit(spread, tuple(taken))

    def _size(self, most: int) -> int:
        """Units for one task: what it has time for, and no more than each CPU's share."""
        each = self._seconds / self._counted if self._counted else TASK_SECONDS
        fits = int(TASK_SECONDS / max(each, TASK_SECONDS / LARGEST_TASK))
        return max(1, min(fits, -(-len(self._todo) // most)))

    def _submit(self, task: Any, units: tuple[Unit, ...]) -> None:
        content = [msgspec.msgpack.encode(unit) for unit in units]
        self._running[task.remote(self._request, content)] = units

    def _take(self) -> None:
        """Take what is over, waiting a moment for it."""
        ready, _ = self._ray.wait(list(self._running), timeout=LOOKS_EVERY)
        for reference in ready:
            units = self._running.pop(reference)
            try:
                rows = [msgspec.json.decode(each, type=Row) for each in self._ray.get(reference)]
            except self._ray.exceptions.RayError as error:
                self._lost(units, error)
            else:
                self._finished(rows)

    def _finished(self, rows: Sequence[Row]) -> None:
        for row in rows:
            # The first runs of a node fill its cache, and say little of the others.
            self._seconds = 0.9 * self._seconds + row.machine.wall
            self._counted = 0.9 * self._counted + 1
            self._done(row)

    def _lost(self, units: Sequence[Unit], error: Exception) -> None:
        """Submit the units of a task again that was lost, each a task of its own."""
        for unit in units:
            self._deaths[unit.key] += 1
            if len(units) == 1 and self._deaths[unit.key] > ATTEMPTS:
                self._done(died(unit, f"was lost: {_reason(error)}"))
            else:
                self._todo.append(unit)


def _reason(error: Exception) -> str:
    """Why a task was lost: what was raised in it stands last, after where."""
    cause: Exception | None = getattr(error, "cause", None)
    if isinstance(cause, Exception):
        return error_text(cause)
    return error_text(error).strip().partition("\n")[0]
