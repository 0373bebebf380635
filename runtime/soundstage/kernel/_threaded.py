"""Actors on threads, on the wall clock."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from typing import TYPE_CHECKING, Any

from soundstage.errors import KernelError
from soundstage.kernel._cell import State, dump_tracebacks
from soundstage.kernel._kernel import Kernel
from soundstage.kernel._mailbox import Mailbox
from soundstage.kernel._portal import Portal
from soundstage.messages import Kill, Tick
from soundstage.units import FRAME_SAMPLES, SAMPLE_RATE, Samples

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.kernel._cell import Cell
    from soundstage.kernel._policy import Limits, Timer

_NANOS = 1_000_000_000
_SLICE = 0.05
"""Seconds between two looks at signals."""

_LAST = 2 * SAMPLE_RATE
"""How long a killed actor may take when the kernel closes."""


class _Due:
    """One timer in the clock's heap."""

    __slots__ = ("do",)

    def __init__(self, do: Callable[[], None]) -> None:
        self.do: Callable[[], None] | None = do

    def cancel(self) -> None:
        """It will not happen."""
        self.do = None


class _ThreadMailbox(Mailbox):
    """A mailbox that every thread may fill, and at which the actor's own thread waits."""

    def __init__(self, limits: Limits) -> None:
        self._filled = threading.Condition(threading.Lock())
        super().__init__(limits)

    def limit(self, limits: Limits) -> None:
        """Let these bounds hold from now on."""
        with self._filled:
            super().limit(limits)

    def put(self, letter: Any) -> bool:
        """Keep a letter, and wake the actor's thread."""
        with self._filled:
            more = super().put(letter)
            self._filled.notify()
        return more

    def clear(self) -> None:
        """Drop everything that waits."""
        with self._filled:
            super().clear()

    def wait(self) -> Any:
        """Take the next letter, when one has come."""
        with self._filled:
            while not len(self):
                self._filled.wait()
            return self.get()


class ThreadedKernel(Kernel):
    """The kernel of a live run: a thread for each actor, and one for the clock."""

    def __init__(self) -> None:
        super().__init__()
        self._start = time.monotonic_ns()
        self._somewhat = threading.Condition()
        self._finished = threading.Event()
        self._threads: dict[Cell, threading.Thread] = {}
        self._portal: Portal | None = None
        self._due: list[tuple[Samples, int, _Due]] = []
        self._order = itertools.count()
        self._clock_wakes = threading.Condition()
        self._closed = False
        self._clock = threading.Thread(target=self._keep_time, name="clock", daemon=True)
        self._clock.start()

    @property
    def now(self) -> Samples:
        """Samples since the kernel began."""
        return (time.monotonic_ns() - self._start) * SAMPLE_RATE // _NANOS

    @property
    def portal(self) -> Portal:
        """The one asyncio thread, started when first asked for."""
        with self._somewhat:
            if self._portal is None:
                self._portal = Portal()
            return self._portal

    def later(self, delay: Samples, do: Callable[[], None]) -> Timer:
        """Do something on the clock's thread when the delay has passed."""
        due = _Due(do)
        with self._clock_wakes:
            heapq.heappush(self._due, (self.now + max(0, delay), next(self._order), due))
            self._clock_wakes.notify()
        return due

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
        """Wake whoever waits for an actor to be ready or to end."""
        with self._somewhat:
            self._somewhat.notify_all()

    def wait(self, until: Callable[[], bool], within: Samples) -> bool:
        """Wait for a change of state of the actors."""
        with self._somewhat:
            return self._somewhat.wait_for(until, within / SAMPLE_RATE)

    def close(self) -> None:
        """Kill who still lives, then end the clock and the portal."""
        cells = list(self._cells.values())
        self._end_reserved(cells)
        living = [cell for cell in cells if cell.state is not State.ENDED]
        for cell in living:
            cell.put(Kill())
        if self._wait_ended(living, _LAST):
            dump_tracebacks()
        with self._clock_wakes:
            self._closed = True
            self._clock_wakes.notify()
        self._clock.join()
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
        while cell.state is not State.ENDED:
            cell.turn(mailbox.wait())
        self.changed()

    def _keep_time(self) -> None:
        tick: Samples = 0
        with self._clock_wakes:
            while not self._closed:
                now = self.now
                due = self._due[0][0] if self._due else tick
                if min(due, tick) > now:
                    self._clock_wakes.wait((min(due, tick) - now) / SAMPLE_RATE)
                    continue
                if tick <= due:
                    self._tell_tick(tick)
                    tick += FRAME_SAMPLES
                else:
                    _, _, timer = heapq.heappop(self._due)
                    # Read once: an actor's thread may cancel it at any moment.
                    do = timer.do
                    if do is not None:
                        do()

    def _tell_tick(self, pts: Samples) -> None:
        message = Tick(pts)
        for _, _, cell in self._paced:
            cell.put(message)
