"""Actors on threads, on the wall clock."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from soundstage.errors import KernelError
from soundstage.kernel.actor_cell import State, dump_tracebacks
from soundstage.kernel.base_kernel import Kernel
from soundstage.kernel.executor import ThreadExecutor
from soundstage.kernel.mailbox import Mailbox
from soundstage.kernel.portal import Portal
from soundstage.kernel.wall_timers import WallTimers
from soundstage.messages import Kill, Tick
from soundstage.units import FRAME_SAMPLES, SAMPLE_RATE, Samples

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.kernel.actor_cell import Cell
    from soundstage.kernel.actor_options import Limits, Timer
    from soundstage.kernel.executor import Executor

_SLICE = 0.05
"""Seconds between two looks at signals."""

_LAST = 2 * SAMPLE_RATE
"""How long a killed actor may take when the kernel closes."""


class _ThreadMailbox(Mailbox):
    """A mailbox that every thread may fill, and at which the actor's own thread waits.

    A `threading.Condition` would do, but it is written in Python and serves any number of waiting
    threads. Here there is one, and a letter costs a quarter less with two locks
    (`benchmarks/message_cost.py`).
    """

    def __init__(self, limits: Limits) -> None:
        self._lock = threading.Lock()
        self._wake = threading.Lock()
        self._wake.acquire()
        self._is_asleep = False
        super().__init__(limits)

    def limit(self, limits: Limits) -> None:
        """Let these bounds hold from now on."""
        with self._lock:
            super().limit(limits)

    def put(self, letter: Any) -> bool:
        """Keep a letter, and wake the actor's thread."""
        with self._lock:
            more = super().put(letter)
            wakes, self._is_asleep = self._is_asleep, False
        # Outside the lock, for the first thing that the woken thread does is to take it.
        if wakes:
            self._wake.release()
        return more

    def clear(self) -> None:
        """Drop everything that waits."""
        with self._lock:
            super().clear()

    def wait(self) -> Any:
        """Take the next letter, when one has come."""
        while True:
            with self._lock:
                if self._urgent or self._ordinary:
                    return self.get()
                self._is_asleep = True
            # Released once for each time that it fell asleep: there is never a wake-up too many.
            self._wake.acquire()


class ThreadedKernel(Kernel):
    """The kernel of a live run: a thread for each actor, and one for the clock."""

    def __init__(self) -> None:
        super().__init__()
        self._timers = WallTimers("clock")
        self._executor = ThreadExecutor(self._timers)
        self._somewhat = threading.Condition()
        self._finished = threading.Event()
        self._threads: dict[Cell, threading.Thread] = {}
        self._portal: Portal | None = None
        self._timers.at(0, partial(self._tick, 0))

    @property
    def now(self) -> Samples:
        """Samples since the kernel began."""
        return self._timers.now

    @property
    def portal(self) -> Portal:
        """The one asyncio thread, started when first asked for."""
        # Started late: a run without a network needs no asyncio thread.
        with self._somewhat:
            if self._portal is None:
                self._portal = Portal()
            return self._portal

    @property
    def executor(self) -> Executor:
        """Does slow work in threads beside the actors."""
        return self._executor

    def later(self, delay: Samples, do: Callable[[], None]) -> Timer:
        """Do something on the clock's thread when the delay has passed."""
        return self._timers.later(delay, do)

    def run(self, between: Callable[[], None] | None = None) -> None:
        """Wait in the main thread, which must stay free for signals."""
        while not self._finished.wait(_SLICE):
            if between is not None:
                between()
        self._finished.clear()
        self._raise_broken()

    def finish(self) -> None:
        """Make `run` return."""
        self._finished.set()

    def changed(self) -> None:
        """Wake the thread that waits for actors to be ready or to end."""
        with self._somewhat:
            self._somewhat.notify_all()

    def wait(self, until: Callable[[], bool], within: Samples) -> bool:
        """Wait for a change of state of the actors."""
        with self._somewhat:
            return self._somewhat.wait_for(until, within / SAMPLE_RATE)

    def close(self) -> None:
        """Kill the actors that still live, then end the executor, the clock and the portal."""
        cells = list(self._cells.values())
        self._end_reserved(cells)
        living = [cell for cell in cells if cell.state is not State.ENDED]
        for cell in living:
            cell.put(Kill())
        if self._wait_ended(living, _LAST):
            dump_tracebacks()
        # Before the clock, which keeps the deadlines of the jobs.
        self._executor.close(_LAST)
        self._timers.close()
        for cell, thread in list(self._threads.items()):
            if cell.state is State.ENDED:
                thread.join(1)
        if self._portal is not None:
            self._portal.close()

    def _make_mailbox(self, limits: Limits) -> Mailbox:
        return _ThreadMailbox(limits)

    def _host(self, cell: Cell) -> None:
        # A daemon: one stuck turn must not keep the process alive after its traceback was logged.
        name, mailbox = cell.address.name, cell.mailbox
        if not isinstance(mailbox, _ThreadMailbox):
            raise KernelError(f"{name} has a mailbox of another kernel")
        thread = threading.Thread(target=self._serve, args=(cell, mailbox), name=name, daemon=True)
        self._threads[cell] = thread
        thread.start()

    def _serve(self, cell: Cell, mailbox: _ThreadMailbox) -> None:
        # The thread serves every incarnation: a restart must not wait for another thread.
        while cell.state is not State.ENDED:
            cell.turn(mailbox.wait())
        self.changed()

    def _tick(self, pts: Samples) -> None:
        # By absolute times, so that one tick that is late does not delay all that follow. After a
        # stall the missed ticks come at once, as each frame of sound needs its own.
        self._timers.at(pts + FRAME_SAMPLES, partial(self._tick, pts + FRAME_SAMPLES))
        message = Tick(pts)
        for _, _, cell in self._paced:
            cell.put(message)
