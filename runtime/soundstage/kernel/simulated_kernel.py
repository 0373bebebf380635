"""Actors in turns on one thread, on a clock that jumps to the next due time."""

from __future__ import annotations

import heapq
import itertools
import logging
import time

# threading.active_count takes a lock each time, and this is asked in every turn.
from _thread import _count as _thread_count  # pyright: ignore[reportPrivateUsage]
from collections import Counter, deque
from typing import TYPE_CHECKING, Any, Final, Self
from weakref import WeakSet

from soundstage.errors import KernelError, Runaway
from soundstage.kernel.actor_cell import State
from soundstage.kernel.base_kernel import Kernel
from soundstage.kernel.executor import BetweenTurnsExecutor
from soundstage.kernel.mailbox import URGENT, Mailbox
from soundstage.kernel.turn_watch import TurnWatch
from soundstage.kernel.wall_timers import Due
from soundstage.messages import Kill, Tick, TickBlock, TickPart
from soundstage.units import FRAME_SAMPLES, FRAMES_PER_SECOND, Samples

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.kernel.actor_cell import Cell
    from soundstage.kernel.actor_options import Limits, Phase, Timer
    from soundstage.kernel.executor import Executor
    from soundstage.kernel.portal import Portal

_log = logging.getLogger("soundstage.kernel")

MOST_TURNS = 100_000
"""Turns without time advancing after which an actor is taken to run in circles."""

_WORRYING: Final = MOST_TURNS // 2

LONGEST_STRETCH: Final = 2 * FRAMES_PER_SECOND
"""The most ticks that are told at once: the run is looked after between two stretches."""

SHORTEST_STRETCH: Final = 3
"""Where fewer ticks are left before a timer, they are told one by one: to foresee costs more."""

_BETWEEN = 0.05
"""Seconds of wall time between two calls of `between`, which looks for signals."""


_beside: Final[WeakSet[SimulatedKernel]] = WeakSet()
"""The kernels of this process that are in use."""


class _TurnMailbox(Mailbox):
    """Has its cell take a turn for each letter, once the cell has an actor."""

    def __init__(self, limits: Limits, turns: deque[Cell]) -> None:
        super().__init__(limits)
        self._all_turns = turns
        # Until `attach`, turns go into a queue that keeps nothing: so `put` need not ask.
        self._turns: deque[Cell] = deque(maxlen=0)
        self._cell: Any = None

    def put(self, letter: Any) -> bool:
        """Keep a letter; its turn comes after all that were queued before."""
        # What `Mailbox.put` does at nearly every letter, without the call.
        if len(self._ordinary) < self._roomy and type(letter) not in URGENT:
            self._ordinary.append(letter)
            self._turns.append(self._cell)
            return True
        more = Mailbox.put(self, letter)
        if more:
            self._turns.append(self._cell)
        return more

    def attach(self, cell: Cell) -> None:
        """Take turns from now on, one for each letter that waits already."""
        self._cell = cell
        self._turns = self._all_turns
        self._turns.extend([cell] * len(self))


class SimulatedKernel(Kernel):
    """The kernel of a simulation: the same messages in the same order, every time.

    Args:
        watch: looks after turns that do not end, from `with` to `close`.
        longest_stretch: the most ticks that are told at once where nothing but sound passes in
            them; below `SHORTEST_STRETCH`, each is told by itself. The results are the same.
    """

    def __init__(
        self, watch: TurnWatch | None = None, *, longest_stretch: int = LONGEST_STRETCH
    ) -> None:
        super().__init__()
        self._watch = watch or TurnWatch()
        self._now: Samples = 0
        self._tick: Samples = 0
        self._waiting: deque[Cell] = deque()
        self._due: list[tuple[Samples, int, Due]] = []
        self._order = itertools.count()
        self._finished = False
        self._turns: Counter[Cell] = Counter()
        self._turn_count = 0
        self._threads = _thread_count()
        self._longest_stretch = longest_stretch
        # Who is asked before several ticks are told at once; None where that is to be worked out.
        self._asked: tuple[tuple[Phase, int, Cell], ...] | None = None
        self._partners: dict[Cell, tuple[Phase, ...]] = {}
        self._eventful: Samples = -1
        self._last = 0
        self._executor = BetweenTurnsExecutor(self.later, self._watch, self._count_job)

    def __enter__(self) -> Self:
        self._watch.begin()
        self._threads = _thread_count()
        _beside.add(self)
        return self

    @property
    def now(self) -> Samples:
        """Samples of virtual time since the kernel began."""
        return self._now

    @property
    def portal(self) -> Portal:
        """There is none."""
        raise KernelError("there is no asyncio thread on the virtual clock")

    @property
    def executor(self) -> Executor:
        """Does slow work between two turns, while time stands still."""
        return self._executor

    def later(self, delay: Samples, do: Callable[[], None]) -> Timer:
        """Do something at a virtual time, after the ticks of that time."""
        due = Due(do)
        heapq.heappush(self._due, (self._now + max(0, delay), next(self._order), due))
        return due

    def run(self, between: Callable[[], None] | None = None) -> None:
        """Take turns until `finish`."""
        looked = time.monotonic()
        while not self._finished:
            self._step()
            if between is not None and time.monotonic() - looked > _BETWEEN:
                between()
                looked = time.monotonic()
        self._finished = False
        self._raise_broken()

    def run_for(self, duration: Samples) -> None:
        """Let so much virtual time pass."""
        end = self._now + duration
        self.settle()
        while (due := self._next()) is not None and due <= end:
            self._step(end)
        self._now = end

    def settle(self) -> None:
        """Let every message that has been sent be handled, without time advancing."""
        waiting = self._waiting
        if not waiting:
            return
        enter, next_cell, threads = self._watch.enter, waiting.popleft, self._threads
        while waiting:
            cell = next_cell()
            self._turn_count += 1
            # Who takes the turns is counted only when something seems wrong: it costs time.
            if self._turn_count > _WORRYING:
                self._watch_for_circles(cell)
            letter = cell.mailbox.get()
            if letter is None:  # its actor has ended meanwhile
                continue
            enter(cell.name)
            cell.turn(letter)
            if _thread_count() > threads:
                self._warn_of_threads(cell)
                threads = self._threads
        self._watch.leave()

    def finish(self) -> None:
        """Make `run` return."""
        self._finished = True

    def changed(self) -> None:
        """Nothing to do: no thread waits for a change of state."""

    def wait(self, until: Callable[[], bool], within: Samples) -> bool:
        """Take turns until something holds, or so much virtual time has passed."""
        end = self._now + within
        self.settle()
        while not until():
            due = self._next()
            if due is None or due > end:
                return False
            self._step(end)
        return True

    def close(self) -> None:
        """End every actor that still lives."""
        # The last one first, as an actor may use those that were spawned before it.
        for cell in sorted(self._cells.values(), key=lambda cell: cell.order, reverse=True):
            if cell.state is not State.ENDED:
                cell.turn(Kill())
        self._waiting.clear()
        self._executor.close()
        self._watch.end()
        _beside.discard(self)

    def _make_mailbox(self, limits: Limits) -> Mailbox:
        return _TurnMailbox(limits, self._waiting)

    def _host(self, cell: Cell) -> None:
        mailbox = cell.mailbox
        if not isinstance(mailbox, _TurnMailbox):
            raise KernelError(f"{cell.address.name} has a mailbox of another kernel")
        mailbox.attach(cell)

    def _next(self) -> Samples | None:
        if not self._due:
            return self._tick if self._paced else None
        due = self._due[0][0]
        return min(due, self._tick) if self._paced else due

    def _step(self, end: Samples | None = None) -> None:
        """Advance to the next thing that can happen, and let everything follow from it.

        Args:
            end: the last time that may be reached.
        """
        self.settle()
        due = self._next()
        if due is None:
            if self._finished:
                return
            raise KernelError("nothing can happen any more: no message, timer or tick is left")
        if due > self._now:
            self._now = due
            self._turns.clear()
            self._turn_count = 0
        # Ticks come before timers of the same time, so a timer sees the sound of its moment.
        if self._paced and self._tick <= due:
            stretch = self._foresee(end)
            if stretch is None:
                self._tell_tick(Tick(self._tick))
                self._tick += FRAME_SAMPLES
            else:
                self._tell_words(stretch)
                self._tick += stretch.ticks * FRAME_SAMPLES
                self._now = self._tick - FRAME_SAMPLES
                self._tell_tick(stretch)
        else:
            _, _, timer = heapq.heappop(self._due)
            if timer.do is not None:
                timer.do()
                # A job may start threads, as engines do; an actor in its turn may not.
                self._threads = max(self._threads, _thread_count())
                self.settle()

    def _foresee(self, end: Samples | None) -> TickBlock | None:
        """The ticks from here on in which nothing but sound passes; None where they are too few."""
        # Ticks that are foreseen and then cut off cost time: a little more than the last time.
        most = min(self._longest_stretch, 2 * self._last + 40)
        # A timer is due after the ticks of its time.
        last = self._due[0][0] if self._due else end
        if last is not None:
            last = last if end is None else min(last, end)
            most = min(most, (last - self._tick) // FRAME_SAMPLES + 1)
        asked = self._partners_in_order() if self._asked is None else self._asked
        if most < SHORTEST_STRETCH or not asked or self._finished or self._tick == self._eventful:
            return None
        stretch, enter = TickBlock(self._tick, most), self._watch.enter
        for entry in asked:
            phase, _, cell = entry
            enter(cell.name)
            cell.foresee(stretch, phase)
            if not stretch.ticks:
                self._ask_first(entry)
                break
        self._watch.leave()
        if stretch.ticks:
            # An actor has said that it has more to do in the next tick: it is not asked again.
            is_event = stretch.ticks < most
            self._last = stretch.ticks
            self._eventful = self._tick + stretch.ticks * FRAME_SAMPLES if is_event else -1
            return stretch
        # An actor that has failed meanwhile is looked after before the tick is told.
        self.settle()
        return None

    def _tell_words(self, stretch: TickBlock) -> None:
        """Let the words of a stretch be told, each at its time; it ends where they set off more."""
        told = stretch.words
        for tick in sorted({tick for ticks in told.values() for tick in ticks}):
            if tick >= stretch.ticks:
                return
            self._now = stretch.pts + tick * FRAME_SAMPLES
            cells = [cell for _, _, cell in self._paced if tick in told.get(cell.name, ())]
            for cell in cells:
                cell.mailbox.put(TickPart(stretch, tick + 1))
            self.settle()
            if self._finished or any(cell.state is not State.LIVE for cell in cells):
                stretch.ticks = tick + 1
            elif self._due:
                # A timer that follows from the words is due after the ticks of its time.
                due = (self._due[0][0] - stretch.pts) // FRAME_SAMPLES + 1
                stretch.ticks = min(stretch.ticks, due)

    def _partners_in_order(self) -> tuple[tuple[Phase, int, Cell], ...]:
        """Whom to ask, in which order; none where an actor sees each tick by itself."""
        if any(cell not in self._partners for _, _, cell in self._paced):
            self._asked = ()
        else:
            entries = [
                (phase, cell.order, cell)
                for cell, phases in self._partners.items()
                for phase in phases
            ]
            self._asked = tuple(sorted(entries, key=lambda entry: entry[:2]))
        return self._asked

    def _ask_first(self, entry: tuple[Phase, int, Cell]) -> None:
        """Ask a cell before the others of its phase: mostly it will say the same again."""
        others = [each for each in self._asked or () if each is not entry]
        place = next((n for n, each in enumerate(others) if each[0] >= entry[0]), len(others))
        self._asked = (*others[:place], entry, *others[place:])

    def _tell_tick(self, message: Tick | TickBlock) -> None:
        paced = self._paced
        for index, (phase, _, cell) in enumerate(paced):
            cell.mailbox.put(message)
            # A phase has done all its work before the next one is told of the tick.
            last = index + 1 == len(paced) or paced[index + 1][0] is not phase
            if last:
                self.settle()

    def pace(self, cell: Cell, phase: Phase) -> None:
        """Tell a cell every tick from now on, in its phase."""
        super().pace(cell, phase)
        self._asked = None

    def take_part(self, cell: Cell, phases: tuple[Phase, ...]) -> None:
        """Ask a cell in these phases before several ticks are told at once."""
        self._partners[cell] = phases
        self._asked = None

    def unpace(self, cell: Cell) -> None:
        """Tell a cell no more ticks, and ask it no more about them."""
        super().unpace(cell)
        self._partners.pop(cell, None)
        self._asked = None

    def _warn_of_threads(self, cell: Cell) -> None:
        self._threads = _thread_count()
        if len(_beside) > 1:
            # Of a thread it is not known who has started it: it may belong to a run beside this.
            return
        _log.warning(
            "%s has started a thread: what it does is not on the virtual clock, and two runs may "
            "differ",
            cell.address.name,
        )

    def _count_job(self) -> Runaway | None:
        """Count a job as a turn; an error where work goes on for ever and time never advances."""
        self._turn_count += 1
        if self._turn_count <= MOST_TURNS:
            return None
        self._turns.clear()
        self._turn_count = 0
        return Runaway(
            f"{MOST_TURNS} turns and jobs went by without time advancing, this job the last of them"
        )

    def _watch_for_circles(self, cell: Cell) -> None:
        self._turns[cell] += 1
        if self._turn_count > MOST_TURNS:
            busiest, turns = self._turns.most_common(1)[0]
            self._turns.clear()
            self._turn_count = 0
            busiest.fail(
                Runaway(
                    f"{MOST_TURNS} turns went by without time advancing, {turns} of them in "
                    f"{busiest.address.name}: it tells itself messages, or sets timers with no "
                    "delay, for ever"
                )
            )
