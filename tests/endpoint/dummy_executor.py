"""A clock that a test moves, and an executor whose jobs a test has done when it likes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soundstage.endpoint import SessionHost
from soundstage.kernel import Executor

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.kernel import JobKind


class DummyTimer:
    def __init__(self, due: int, do: Callable[[], None]) -> None:
        self.due = due
        self.do = do
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class DummyTimers:
    """Calls what is due when a test says what time it is."""

    def __init__(self) -> None:
        self.now = 0
        self.delays: list[int] = []
        self._timers: list[DummyTimer] = []

    @property
    def waiting(self) -> int:
        return sum(not timer.cancelled for timer in self._timers)

    def after(self, delay: int, do: Callable[[], None]) -> DummyTimer:
        self.delays.append(delay)
        timer = DummyTimer(self.now + delay, do)
        self._timers.append(timer)
        return timer

    def move_to(self, now: int) -> None:
        self.now = now
        due = sorted((each for each in self._timers if each.due <= now), key=lambda t: t.due)
        self._timers = [each for each in self._timers if each.due > now]
        for timer in due:
            if not timer.cancelled:
                timer.do()


class DummyJob:
    def __init__(
        self,
        kind: JobKind,
        job: Callable[[], Any],
        tell: Callable[[Any], None],
        result: Callable[[Any], Any],
        error: Callable[[Exception], Any],
    ) -> None:
        self.kind = kind
        self.cancelled = False
        self._job, self._tell, self._result, self._error = job, tell, result, error

    def cancel(self) -> None:
        self.cancelled = True

    def do(self) -> None:
        try:
            message = self._result(self._job())
        except Exception as error:  # noqa: BLE001 - as every executor does
            message = self._error(error)
        if not self.cancelled:
            self._tell(message)


class DummyExecutor(Executor):
    """Keeps its jobs until a test has them done.

    Attributes:
        host: what a session lives on, with this executor and the timers of the test.
    """

    is_instant = False

    def __init__(self, timers: DummyTimers) -> None:
        self.jobs: list[DummyJob] = []
        self.host = SessionHost(self, lambda function: function(), timers.after)

    def submit(self, kind: JobKind, job: Callable[[], Any], **more: Any) -> DummyJob:
        del more["owner"]
        more.pop("within", None)
        made = DummyJob(kind, job, **more)
        self.jobs.append(made)
        return made

    @property
    def waiting(self) -> list[JobKind]:
        """The kinds of what is still to be done."""
        return [job.kind for job in self.jobs if not job.cancelled]

    def do_next(self) -> None:
        """Do the oldest job that is still wanted."""
        while self.jobs:
            job = self.jobs.pop(0)
            if not job.cancelled:
                job.do()
                return
        raise AssertionError("there is nothing to do")


class DummyExecutorAtOnce(DummyExecutor):
    """Does every job within the call that submits it."""

    def submit(self, kind: JobKind, job: Callable[[], Any], **more: Any) -> DummyJob:
        made = super().submit(kind, job, **more)
        self.jobs.remove(made)
        made.do()
        return made
