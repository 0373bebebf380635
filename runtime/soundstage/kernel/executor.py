"""Where slow work is done: outside the actors, which are told what came of it."""

from __future__ import annotations

import asyncio
import logging
import os
import queue
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections import Counter, deque
from contextlib import suppress
from enum import Enum
from typing import TYPE_CHECKING, Final, Generic, TypeVar, cast

from soundstage.errors import JobLate, JobRefused, StuckTurn
from soundstage.kernel.process_exit import at_work
from soundstage.kernel.wall_timers import WallTimers
from soundstage.units import Samples, samples_of_seconds, seconds_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.errors import Runaway
    from soundstage.kernel.actor_options import Timer
    from soundstage.kernel.turn_watch import TurnWatch

T = TypeVar("T")
M = TypeVar("M")

_log = logging.getLogger("soundstage.kernel")


class JobKind(Enum):
    """What a job does; a job never waits for one of another kind."""

    RECOGNISE = "recognition"
    TRANSCRIBE = "transcription"
    SYNTHESISE = "synthesis"
    COMPOSE = "composition"
    CHAT = "chat"
    TOOL = "tool"
    IO = "io"


AT_ONCE: Final = {
    # An engine computes in one thread: two jobs would take turns, and both would end later.
    JobKind.RECOGNISE: 1,
    # Apart from recognition: the log may wait for words, an agent that is to answer may not.
    JobKind.TRANSCRIBE: 1,
    JobKind.SYNTHESISE: 1,
    JobKind.COMPOSE: 1,
    # These mostly wait for something outside the process.
    JobKind.CHAT: 16,
    JobKind.TOOL: 32,
    JobKind.IO: 8,
}
"""How many jobs of a kind are done at the same time; the others wait in their order."""

WITHIN: Final[dict[JobKind, Samples]] = {
    kind: samples_of_seconds(600 if kind is JobKind.CHAT else 60) for kind in JobKind
}
"""How long a job may take, its waiting included, where its submitter does not say."""

MOST_WAITING: Final = 1000
"""Jobs of one kind that may wait: with more of them a thread would never catch up."""

YIELDS: Final = 10
"""How much nicer recognition is than the rest: it may come a little later, sound may not."""


_SPARE: Final = 5.0
"""Seconds beyond its time after which the wait for a tool itself counts as stuck."""


class Executor(ABC):
    """Does jobs for actors, and for others that may not wait themselves.

    Attributes:
        is_instant: whether no time passes for the owner of a job while it is done.
    """

    is_instant: bool

    @abstractmethod
    def submit(
        self,
        kind: JobKind,
        job: Callable[[], T],
        *,
        owner: str,
        tell: Callable[[M], None],
        result: Callable[[T], M],
        error: Callable[[Exception], M],
        within: Samples | None = None,
    ) -> Timer:
        """Have a job done; its owner is told once what came of it.

        Jobs of one kind begin in the order of their submission.

        Args:
            kind: which jobs it may have to wait for.
            job: what is done; it must not touch what belongs to the owner's thread.
            owner: the name of whatever wants it, for warnings.
            tell: gets the message for the owner, on any thread.
            result: makes the message from what the job returned.
            error: makes the message from what it raised; from `JobLate` where it took too long,
                from `JobRefused` where too many others wait.
            within: wall time that it may take, its waiting included; by default what its kind
                has in `WITHIN`.

        Returns:
            Once it is cancelled the owner is told nothing, and a job that has not begun is not
            done.
        """

    async def run(
        self,
        kind: JobKind,
        job: Callable[[], T],
        *,
        owner: str,
        within: Samples | None = None,
    ) -> T:
        """Have a job done, and wait for it on the running event loop; see `submit`.

        Raises:
            JobLate: it took too long.
            JobRefused: too many others wait.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()

        def unless_done(settle: Callable[[], None]) -> Callable[[], None]:
            return lambda: None if done.done() else settle()

        pending = self.submit(
            kind,
            job,
            owner=owner,
            tell=calls_on(loop),
            result=lambda value: unless_done(lambda: done.set_result(value)),
            error=lambda error: unless_done(lambda: done.set_exception(_for_future(error))),
            within=within,
        )
        try:
            return await done
        finally:
            # Where the caller was cancelled, a job that has not begun need not be done.
            pending.cancel()


class PendingJob(Generic[T, M]):
    """A job whose owner has been told nothing yet.

    Args:
        name: what it is and whose, for warnings.
        job: as for `Executor.submit`, like the rest.
        tell: likewise.
        result: likewise.
        error: likewise.

    Attributes:
        deadline: cancelled when it is over.
    """

    def __init__(
        self,
        name: str,
        job: Callable[[], T],
        tell: Callable[[M], None],
        result: Callable[[T], M],
        error: Callable[[Exception], M],
    ) -> None:
        self.name = name
        self.deadline: Timer | None = None
        self._job: Callable[[], T] | None = job
        self._tell = tell
        self._result = result
        self._error = error
        # The thread that does it, the one that keeps its deadline and the owner's may all end it.
        self._lock = threading.Lock()

    @property
    def is_over(self) -> bool:
        """Whether the owner has been told, or wants to be told nothing."""
        return self._job is None

    def cancel(self) -> None:
        """Tell the owner nothing."""
        self._end()

    def outcome(self) -> M | None:
        """Do it; returns the message for its owner, None where it is over."""
        job = self._job
        if job is None:
            return None
        try:
            return self._result(job())
        except (StuckTurn, KeyboardInterrupt):
            raise  # these are about the thread that does it
        except Exception as error:  # noqa: BLE001 - its owner is told
            return self._error(error)
        except BaseException as error:  # noqa: BLE001 - likewise
            # A job that exits has failed: to end the program is no business of a tool or engine.
            return self._error(RuntimeError(repr(error)))

    def failure(self, error: Exception) -> M:
        """The message for its owner where it fails for a reason outside it."""
        return self._error(error)

    def settle(self, message: M | None) -> None:
        """Tell the owner, unless it is over."""
        if self._end():
            self._tell(cast("M", message))

    def fail(self, error: Exception) -> None:
        """Tell the owner of an error, unless it is over."""
        self.settle(self._error(error))

    def _end(self) -> bool:
        """Whether it was not over until now."""
        # The job is let go of at once: it may hold minutes of sound, and its timer lives longer.
        with self._lock:
            job, self._job = self._job, None
        if job is not None and self.deadline is not None:
            self.deadline.cancel()
        return job is not None


class _Threads:
    """The threads for one kind of job, each begun when there is something for it to do."""

    def __init__(self, kind: JobKind) -> None:
        self._kind = kind
        self._waiting: deque[Callable[[], None]] = deque()
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._busy: set[threading.Thread] = set()
        self._closed = False

    def put(self, run: Callable[[], None]) -> bool:
        """Have something run in a thread; whether there was room for it."""
        with self._changed:
            if self._closed or len(self._waiting) >= MOST_WAITING:
                return self._closed
            self._waiting.append(run)
            # A thread more only where none is free: engines keep memory for each thread.
            idle = len(self._threads) - len(self._busy)
            if len(self._waiting) > idle and len(self._threads) < AT_ONCE[self._kind]:
                self._begin()
            self._changed.notify()
        return True

    def close(self) -> None:
        """Begin nothing more."""
        with self._changed:
            self._closed = True
            # Its owners are closing too, and none of them waits for a word.
            self._waiting.clear()
            self._changed.notify_all()

    def join(self, deadline: float) -> bool:
        """Wait for the threads until a time by `time.monotonic`; whether all have ended.

        Whatever a tool would return now is of no use, and it may hang for ever: it is left alone.
        """
        with self._changed:
            left_alone = set(self._busy) if self._kind is JobKind.TOOL else set[threading.Thread]()
            threads = [thread for thread in self._threads if thread not in left_alone]
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)

    def _begin(self) -> None:
        # A daemon, which the pool of the standard library has not: a job that never ends must not
        # keep the process alive.
        name = f"{self._kind.value}-{len(self._threads) + 1}"
        thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _serve(self) -> None:
        if self._kind in {JobKind.RECOGNISE, JobKind.TRANSCRIBE}:
            _yield_to_sound()
        this = threading.current_thread()
        while (run := self._next(this)) is not None:
            try:
                run()
            except BaseException:  # noqa: BLE001 - its thread is there for the next job too
                _log.exception("what came of a job (%s) could not be told", self._kind.value)

    def _next(self, thread: threading.Thread) -> Callable[[], None] | None:
        at_work.end(thread)
        with self._changed:
            self._busy.discard(thread)
            while not self._waiting and not self._closed:
                self._changed.wait()
            if self._closed:
                return None
            self._busy.add(thread)
            # A tool is the user's own code, which may hang for ever.
            if self._kind is not JobKind.TOOL:
                at_work.begin(thread)
            return self._waiting.popleft()


class ThreadExecutor(Executor):
    """Does jobs in threads, a few for each kind.

    A job that takes too long is given up: its owner is told, and it keeps its thread until it
    ends, so that stuck jobs never become more than their kind has threads.

    Args:
        timers: keep the deadlines; timers of its own where none are given.
    """

    is_instant = False

    def __init__(self, timers: WallTimers | None = None) -> None:
        self._timers = timers or WallTimers("deadlines")
        self._owns_timers = timers is None
        self._threads = {kind: _Threads(kind) for kind in JobKind}

    def submit(
        self,
        kind: JobKind,
        job: Callable[[], T],
        *,
        owner: str,
        tell: Callable[[M], None],
        result: Callable[[T], M],
        error: Callable[[Exception], M],
        within: Samples | None = None,
    ) -> Timer:
        """Have a job done in a thread of its kind."""
        limit = WITHIN[kind] if within is None else within
        pending = PendingJob(f"{kind.value} for {owner}", job, tell, result, error)
        pending.deadline = self._timers.later(limit, lambda: pending.fail(_late(pending, limit)))

        def run() -> None:
            if not pending.is_over:
                pending.settle(pending.outcome())

        if not self._threads[kind].put(run):
            pending.fail(_refused(pending))
        return pending

    def close(self, within: Samples) -> None:
        """Begin no more jobs, and wait so long for those under way."""
        # All kinds are closed before the first one is waited for: they share one deadline.
        deadline = time.monotonic() + seconds_of(within)
        for threads in self._threads.values():
            threads.close()
        for kind, threads in self._threads.items():
            if not threads.join(deadline):
                _log.warning("a job (%s) was still under way when its run ended", kind.value)
        if self._owns_timers:
            self._timers.close()


class BetweenTurnsExecutor(Executor):
    """Does jobs while the virtual clock stands still, in the order of their submission.

    A tool, which is anybody's code, runs in a thread that is waited for: it can be given up
    whatever it hangs in.

    Args:
        later: calls something when so much virtual time has passed.
        watch: looks after each job as it does after a turn.
        count: counts each job; returns an error where too much has been done without time
            advancing.
    """

    is_instant = True

    def __init__(
        self,
        later: Callable[[Samples, Callable[[], None]], Timer],
        watch: TurnWatch,
        count: Callable[[], Runaway | None],
    ) -> None:
        self._later = later
        self._watch = watch
        self._count = count
        self._waiting: Counter[JobKind] = Counter()
        self._tools = _Threads(JobKind.TOOL)

    def submit(
        self,
        kind: JobKind,
        job: Callable[[], T],
        *,
        owner: str,
        tell: Callable[[M], None],
        result: Callable[[T], M],
        error: Callable[[Exception], M],
        within: Samples | None = None,
    ) -> Timer:
        """Have a job done before time advances."""
        limit = WITHIN[kind] if within is None else within
        pending = PendingJob(f"{kind.value} for {owner}", job, tell, result, error)
        outcome = self._outcome_of_tool if kind is JobKind.TOOL else self._outcome
        if self._waiting[kind] >= MOST_WAITING:
            # Later, as the owner may not be called back within its own call.
            self._later(0, lambda: pending.fail(_refused(pending)))
            return pending
        self._waiting[kind] += 1

        def run() -> None:
            self._waiting[kind] -= 1
            # Jobs that follow each other for ever would hold up the clock as turns would.
            runaway = self._count()
            if runaway is not None:
                pending.fail(runaway)
            if pending.is_over:
                return
            message = outcome(pending, limit)
            # What follows from it belongs to the owner, which has as long for it as for a turn.
            self._watch.enter(owner)
            try:
                pending.settle(message)
            finally:
                self._watch.leave()

        self._later(0, run)
        return pending

    def close(self) -> None:
        """Leave what still hangs to itself."""
        self._tools.close()

    def _outcome(self, pending: PendingJob[T, M], limit: Samples) -> M | None:
        try:
            with self._watch.longer(pending.name, seconds_of(limit)):
                return pending.outcome()
        except StuckTurn:
            return pending.failure(_late(pending, limit))

    def _outcome_of_tool(self, pending: PendingJob[T, M], limit: Samples) -> M | None:
        # A queue of its own: a tool that was given up may still answer, and nothing reads it.
        outcomes: queue.SimpleQueue[M | None] = queue.SimpleQueue()
        self._tools.put(lambda: outcomes.put(pending.outcome()))
        with self._watch.longer(pending.name, seconds_of(limit) + _SPARE):
            try:
                return outcomes.get(timeout=seconds_of(limit))
            except queue.Empty:
                return pending.failure(_late(pending, limit))


def calls_on(loop: asyncio.AbstractEventLoop) -> Callable[[Callable[[], object]], None]:
    """What `tell` is for an owner that lives on an event loop: its messages are called there."""

    def tell(message: Callable[[], object]) -> None:
        with suppress(RuntimeError):  # the loop has closed, and all that lived on it is gone
            loop.call_soon_threadsafe(message)

    return tell


def _for_future(error: Exception) -> Exception:
    """The error, or one that a future can hold: `StopIteration` would end what awaits it."""
    return RuntimeError(repr(error)) if isinstance(error, StopIteration) else error


def _late(pending: PendingJob[T, M], limit: Samples) -> JobLate:
    return JobLate(f"{pending.name} took longer than {seconds_of(limit):g} s")


def _refused(pending: PendingJob[T, M]) -> JobRefused:
    return JobRefused(f"{pending.name}: {MOST_WAITING} others wait already")


def _yield_to_sound() -> None:
    """Lower the thread's priority, and that of the threads which an engine loaded in it starts.

    Only on Linux has each thread a priority of its own.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        nice = os.getpriority(os.PRIO_PROCESS, thread) + YIELDS
        os.setpriority(os.PRIO_PROCESS, thread, nice)
