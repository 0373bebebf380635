"""Actors on threads, on the wall clock."""

from __future__ import annotations

import gc
import sys
import threading
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from soundstage.errors import ClockStalled, KernelError, RunBrokenOff, StuckTurn
from soundstage.kernel.actor_cell import State, dump_tracebacks
from soundstage.kernel.base_kernel import Kernel
from soundstage.kernel.executor import ThreadExecutor
from soundstage.kernel.mailbox import URGENT, Mailbox
from soundstage.kernel.portal import Portal
from soundstage.kernel.wall_timers import WallTimers
from soundstage.messages import Kill, Tick, place_of
from soundstage.units import FRAME_SAMPLES, SAMPLE_RATE, Samples

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from soundstage.kernel.actor_cell import Cell
    from soundstage.kernel.actor_options import Limits, Timer
    from soundstage.kernel.executor import Executor

_SLICE = 0.05
"""Seconds between two looks at signals."""

STUCK: Final = 10.0
"""Seconds after which a turn is given up: the agent has heard nothing of all that time."""

STALLED: Final = 5.0
"""Seconds by which the clock may be late: of a run that stood still for longer, too much is lost.

A busy machine is late by tenths of a second.
"""

_LOOKED_AFTER: Final = SAMPLE_RATE
"""How often the turns are looked at."""

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
            # What `Mailbox.put` does at nearly every letter, without the call.
            if len(self._ordinary) < self._roomy and type(letter) not in URGENT:
                self._ordinary.append(letter)
                more = True
            else:
                more = Mailbox.put(self, letter)
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
        self._turns: dict[Cell, _TurnsOf] = {}
        self._stalled = False
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
        with _pauses_kept_short():
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
        turns = self._turns[cell] = _TurnsOf()
        thread = threading.Thread(
            target=self._serve, args=(cell, mailbox, turns), name=name, daemon=True
        )
        self._threads[cell] = thread
        thread.start()

    def _serve(self, cell: Cell, mailbox: _ThreadMailbox, turns: _TurnsOf) -> None:
        # The thread serves every incarnation: a restart must not wait for another thread.
        while cell.state is not State.ENDED:
            letter = mailbox.wait()
            turns.begun += 1
            cell.turn(letter)
            turns.ended += 1
        self.changed()

    def _tick(self, pts: Samples) -> None:
        # By absolute times, so that one tick that is late does not delay all that follow. After a
        # stall the missed ticks come at once, as each frame of sound needs its own.
        self._timers.at(pts + FRAME_SAMPLES, partial(self._tick, pts + FRAME_SAMPLES))
        late = (self.now - pts) / SAMPLE_RATE
        if late > STALLED and not self._stalled:
            self._stalled = True
            self._break_off_stalled(late)
        if pts % _LOOKED_AFTER == 0:
            self._give_up_stuck_turns()
        message = Tick(pts)
        for _, _, cell in self._paced:
            cell.put(message)

    def _break_off_stalled(self, late: float) -> None:
        frames = round(late * SAMPLE_RATE / FRAME_SAMPLES)
        stalled = ClockStalled(
            f"the clock of the run stood still for {late:.1f} s, in which {frames} frames of each "
            "agent were due: this process was stopped, or the machine slept or was overloaded"
        )
        self.break_off(RunBrokenOff("clock", stalled, ""))

    def _give_up_stuck_turns(self) -> None:
        now = self.now
        for cell, turns in list(self._turns.items()):
            begun = turns.begun
            if begun == turns.ended or begun != turns.seen:
                turns.seen, turns.since = begun, now
            elif now - turns.since > STUCK * SAMPLE_RATE:
                del self._turns[cell]
                # A clock that stood still itself says nothing of the turns.
                if not self._stalled:
                    cell.give_up(self._stuck(cell))

    def _stuck(self, cell: Cell) -> StuckTurn:
        """With the line at which it is: nothing else can be found out."""
        ident = self._threads[cell].ident
        # There is no public way to another thread's stack.
        frame = sys._current_frames().get(ident or 0)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        place = place_of(frame)
        return StuckTurn(
            f"a turn of {cell.address.name} did not end" + (f"; it is at {place}" if place else "")
        )


@contextmanager
def _pauses_kept_short() -> Generator[None]:
    """Leave what lives now out of the collection of garbage until the end.

    To look through all that the libraries and engines have made takes a tenth of a second, in which
    every thread stands still: five frames of each agent would be late.
    """
    # A program that keeps its own objects out knows when they are to be looked at again.
    if gc.get_freeze_count():
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


class _TurnsOf(Struct, gc=False):
    """The turns of one actor, counted by its own thread and looked at by the clock's.

    Attributes:
        begun: how many have begun.
        ended: how many have ended.
        seen: the one that was under way at the last look.
        since: when it was seen first.
    """

    begun: int = 0
    ended: int = 0
    seen: int = -1
    since: Samples = 0
