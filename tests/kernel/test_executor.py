"""Slow work: done elsewhere, told once, in order, in time, and never more of it than fits."""

from __future__ import annotations

import logging
import os
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
from dummy_actors import settled
from msgspec import Struct

from soundstage.errors import JobLate, JobRefused, Runaway
from soundstage.kernel import (
    Actor,
    Executor,
    JobKind,
    Kernel,
    Policy,
    SimulatedKernel,
    ThreadedKernel,
    ThreadExecutor,
    TurnWatch,
)
from soundstage.kernel.executor import AT_ONCE, MOST_WAITING, YIELDS
from soundstage.kernel.wall_timers import WallTimers
from soundstage.units import samples_of_ms, samples_of_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SOON = samples_of_seconds(5)


class Done(Struct, frozen=True):
    value: Any
    at: int
    thread: int


class Doer(Actor):
    """Does to itself what it is told, and keeps what comes back."""

    def __init__(self, kept: list[Any]) -> None:
        super().__init__()
        self.kept = kept

    def on_receive(self, message: Any) -> None:
        if callable(message):
            message(self)
        else:
            self.kept.append(Done(message, self.now, threading.get_ident()))

    def have_done(
        self, job: Callable[[], Any], kind: JobKind = JobKind.COMPOSE, **more: Any
    ) -> Any:
        return self.submit(
            kind, job, result=lambda value: ("result", value), error=lambda e: ("error", e), **more
        )


class Results:
    """What an owner that is no actor is told, on whatever thread."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._more = threading.Semaphore(0)

    def tell(self, value: object) -> None:
        self.values.append(value)
        self._more.release()

    def wait_for(self, count: int) -> list[Any]:
        for _ in range(count):
            assert self._more.acquire(timeout=5)
        return self.values


@pytest.fixture
def executor() -> Iterator[ThreadExecutor]:
    made = ThreadExecutor()
    yield made
    made.close(SOON)
    for thread in threading.enumerate():
        if thread.name.startswith("tool-"):
            thread.join(5)
    names = {"deadlines", *(kind.value for kind in JobKind)}
    assert not [t for t in threading.enumerate() if t.name.partition("-")[0] in names]


def submit(
    executor: Executor,
    kind: JobKind,
    job: Callable[[], Any],
    tell: Callable[[object], None],
    **more: Any,
) -> Any:
    return executor.submit(
        kind,
        job,
        owner="a test",
        tell=tell,
        result=lambda value: value,
        error=lambda error: error,
        **more,
    )


def raise_(error: BaseException) -> None:
    raise error


# On both hosts.


def test_what_a_job_returns_or_raises_comes_as_a_message_in_a_turn(kernel: Kernel) -> None:
    kept: list[Any] = []
    error = ValueError("no words")
    address = kernel.spawn("a", lambda: Doer(kept))
    address.tell(lambda actor: actor.have_done(lambda: 1))
    address.tell(lambda actor: actor.have_done(lambda: raise_(error)))
    address.tell(lambda actor: actor.have_done(lambda: raise_(SystemExit(3))))
    settled(kernel, kept, 3)
    assert [done.value for done in kept[:2]] == [("result", 1), ("error", error)]
    assert "SystemExit(3)" in repr(kept[2].value[1])
    assert len({done.thread for done in kept}) == 1


def test_jobs_of_one_kind_are_done_in_the_order_of_their_submission(kernel: Kernel) -> None:
    kept: list[Any] = []
    address = kernel.spawn("a", lambda: Doer(kept))
    for number in range(50):
        address.tell(lambda actor, n=number: actor.have_done(lambda: n))
    settled(kernel, kept, 50)
    assert [done.value for done in kept] == [("result", number) for number in range(50)]


def test_a_job_that_is_cancelled_before_it_begins_is_not_done(kernel: Kernel) -> None:
    kept: list[Any] = []
    done: list[int] = []
    go = threading.Event()

    def begin(actor: Doer) -> None:
        if isinstance(kernel, ThreadedKernel):
            actor.have_done(lambda: go.wait(5) and None)
        actor.have_done(lambda: done.append(1)).cancel()
        actor.have_done(lambda: done.append(2))
        go.set()

    kernel.spawn("a", lambda: Doer(kept)).tell(begin)
    settled(kernel, kept, 2 if isinstance(kernel, ThreadedKernel) else 1)
    assert done == [2]


def test_an_actor_that_was_restarted_is_told_nothing_of_what_it_submitted_before(
    kernel: Kernel,
) -> None:
    kept: list[Any] = []
    go = threading.Event()

    def submit_and_fail(actor: Doer) -> None:
        actor.have_done(lambda: go.wait(1) and "stale")
        raise ValueError("restart me")

    address = kernel.spawn("a", lambda: Doer(kept), policy=Policy("restart", backoff=1))
    address.tell(submit_and_fail)
    if isinstance(kernel, SimulatedKernel):
        go.set()
        kernel.run_for(samples_of_ms(40))
    address.tell(lambda actor: actor.have_done(lambda: "fresh"))
    # What is told while the actor is down is lost, so it is told until it has come back.
    for _ in range(100):
        if kept:
            break
        threading.Event().wait(0.01)
        address.tell(lambda actor: actor.have_done(lambda: "fresh"))
        if isinstance(kernel, SimulatedKernel):
            kernel.run_for(samples_of_ms(40))
        go.set()
    settled(kernel, kept, 1)
    assert {done.value for done in kept} == {("result", "fresh")}
    assert kernel.drops(address)["stale"] == 1


def test_a_job_that_takes_too_long_is_given_up_and_its_owner_told(kernel: Kernel) -> None:
    kept: list[Any] = []
    go = threading.Event()
    address = kernel.spawn("a", lambda: Doer(kept))
    for kind in (JobKind.IO, JobKind.TOOL):
        address.tell(
            lambda actor, k=kind: actor.have_done(go.wait, k, within=samples_of_ms(60)),
        )
    settled(kernel, kept, 2)
    go.set()
    errors = [done.value[1] for done in kept]
    assert [type(error) for error in errors] == [JobLate, JobLate]
    assert {str(error) for error in errors} == {
        "io for a took longer than 0.06 s",
        "tool for a took longer than 0.06 s",
    }


def test_more_jobs_than_may_wait_are_refused_and_told(kernel: Kernel) -> None:
    kept: list[Any] = []
    begun, go = threading.Event(), threading.Event()

    def submit_many(actor: Doer) -> None:
        if isinstance(kernel, ThreadedKernel):
            actor.have_done(lambda: begun.set() or go.wait(10))
            assert begun.wait(5)
        for number in range(MOST_WAITING):
            actor.have_done(lambda n=number: n)
        actor.have_done(lambda: "too many")
        go.set()

    kernel.spawn("a", lambda: Doer(kept)).tell(submit_many)
    settled(kernel, kept, MOST_WAITING + 1)
    values = [done.value[1] for done in kept]
    [refused] = [value for value in values if isinstance(value, JobRefused)]
    assert str(refused) == f"composition for a: {MOST_WAITING} others wait already"
    assert [value for value in values if type(value) is int][-1] == MOST_WAITING - 1
    assert "too many" not in values


# On the virtual clock.


def test_no_virtual_time_passes_while_a_job_is_done_between_turns() -> None:
    kept: list[Any] = []
    with SimulatedKernel() as kernel:
        assert kernel.executor.is_instant
        address = kernel.spawn("a", lambda: Doer(kept))
        address.tell(lambda actor: actor.have_done(lambda: 1))
        address.tell(lambda actor: actor.have_done(lambda: 2, JobKind.TOOL))
        kernel.run_for(samples_of_seconds(1))
    assert [(done.value, done.at) for done in kept] == [(("result", 1), 0), (("result", 2), 0)]


def test_jobs_of_all_kinds_keep_the_order_of_their_submission_between_turns() -> None:
    kept: list[Any] = []
    kinds = [*JobKind, *reversed(JobKind)]
    with SimulatedKernel() as kernel:
        address = kernel.spawn("a", lambda: Doer(kept))
        for number, kind in enumerate(kinds):
            address.tell(lambda actor, n=number, k=kind: actor.have_done(lambda: n, k))
        kernel.run_for(samples_of_ms(20))
    assert [done.value[1] for done in kept] == list(range(len(kinds)))


def test_jobs_that_follow_each_other_for_ever_without_time_advancing_are_ended() -> None:
    told: list[object] = []

    def tell(value: object) -> None:
        if isinstance(value, Exception):
            told.append(value)
        else:
            submit(kernel.executor, JobKind.COMPOSE, lambda: 1, tell)

    with SimulatedKernel() as kernel:
        tell("begin")
        kernel.run_for(samples_of_ms(20))
        assert kernel.now == samples_of_ms(20)
    [error] = told
    assert isinstance(error, Runaway)


def test_a_slow_job_between_turns_is_warned_about_by_its_owner(
    caplog: pytest.LogCaptureFixture,
) -> None:
    kept: list[Any] = []
    with SimulatedKernel(TurnWatch(slow=0.02, stuck=10)) as kernel:
        address = kernel.spawn("alice", lambda: Doer(kept))
        never = threading.Event()
        address.tell(
            lambda actor: actor.have_done(lambda: never.wait(0.3), within=samples_of_ms(100))
        )
        kernel.run_for(samples_of_ms(20))
    assert "composition for alice is slow, the run waits for it at" in caplog.text
    assert isinstance(kept[0].value[1], JobLate)


# In threads.


def test_a_kind_never_waits_for_another(executor: ThreadExecutor) -> None:
    results, spoken = Results(), threading.Event()
    submit(executor, JobKind.RECOGNISE, lambda: spoken.wait(5), results.tell)
    submit(executor, JobKind.SYNTHESISE, spoken.set, results.tell)
    assert set(results.wait_for(2)) == {True, None}


def test_a_job_under_way_that_is_cancelled_brings_no_result(executor: ThreadExecutor) -> None:
    results, begun, go_on = Results(), threading.Event(), threading.Event()

    def slow() -> str:
        begun.set()
        go_on.wait(5)
        return "slow"

    running = submit(executor, JobKind.RECOGNISE, slow, results.tell)
    waiting = submit(executor, JobKind.RECOGNISE, lambda: 1, results.tell)
    assert begun.wait(5)
    running.cancel()
    waiting.cancel()
    go_on.set()
    submit(executor, JobKind.RECOGNISE, lambda: 2, results.tell)
    assert results.wait_for(1) == [2]


def test_only_so_many_are_done_at_once_and_a_stuck_one_keeps_its_thread(
    executor: ThreadExecutor,
) -> None:
    results, go = Results(), threading.Event()
    began = threading.Semaphore(0)

    def hang() -> str:
        began.release()
        go.wait(10)
        return "went"

    most = AT_ONCE[JobKind.TOOL]
    for _ in range(most):
        submit(executor, JobKind.TOOL, hang, results.tell, within=samples_of_ms(50))
    assert all(began.acquire(timeout=5) for _ in range(most))
    submit(executor, JobKind.TOOL, lambda: "mine", results.tell)
    late = results.wait_for(most)
    assert [type(value) for value in late] == [JobLate] * most
    go.set()
    assert results.wait_for(1)[-1] == "mine"
    assert len(results.values) == most + 1


def test_an_owner_that_cannot_be_told_costs_no_thread(
    executor: ThreadExecutor, caplog: pytest.LogCaptureFixture
) -> None:
    results = Results()
    executor.submit(
        JobKind.COMPOSE,
        lambda: 1,
        owner="a test",
        tell=lambda _: raise_(ValueError("gone")),
        result=lambda value: value,
        error=lambda error: error,
    )
    submit(executor, JobKind.COMPOSE, lambda: 2, results.tell)
    assert results.wait_for(1) == [2]
    assert "could not be told" in caplog.text


def test_close_drops_what_has_not_begun_and_waits_for_what_has(executor: ThreadExecutor) -> None:
    results, begun, go_on = Results(), threading.Event(), threading.Event()

    def slow() -> str:
        begun.set()
        go_on.wait(5)
        return "slow"

    submit(executor, JobKind.COMPOSE, slow, results.tell)
    submit(executor, JobKind.COMPOSE, lambda: "never", results.tell)
    assert begun.wait(5)
    timers = WallTimers("a test")
    timers.later(samples_of_ms(50), go_on.set)
    executor.close(SOON)
    timers.close()
    submit(executor, JobKind.COMPOSE, lambda: "after", results.tell)
    assert results.values == ["slow"]


def test_close_goes_on_without_a_job_that_does_not_come_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stuck, begun = threading.Event(), threading.Event()
    executor = ThreadExecutor()
    submit(executor, JobKind.COMPOSE, lambda: begun.set() or stuck.wait(30), Results().tell)
    assert begun.wait(5)
    with caplog.at_level(logging.WARNING):
        executor.close(samples_of_ms(50))
    assert "a job (composition) was still under way" in caplog.text
    stuck.set()


def test_close_waits_for_no_tool_and_its_thread_keeps_no_program_alive() -> None:
    stuck, begun = threading.Event(), threading.Event()
    executor = ThreadExecutor()
    submit(executor, JobKind.TOOL, lambda: begun.set() or stuck.wait(30), Results().tell)
    assert begun.wait(5)
    executor.close(samples_of_seconds(30))
    [thread] = [each for each in threading.enumerate() if each.name.startswith("tool-")]
    assert thread.daemon
    stuck.set()
    thread.join()


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no priority")
def test_recognition_yields_to_everything_else_and_so_do_the_threads_that_it_starts(
    executor: ThreadExecutor,
) -> None:
    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    def of_a_new_thread() -> int:
        found: list[int] = []
        thread = threading.Thread(target=lambda: found.append(niceness()))
        thread.start()
        thread.join()
        return found[0]

    usual, least = niceness(), min(19, niceness() + YIELDS)
    for kind in JobKind:
        results = Results()
        for job in (niceness, of_a_new_thread):
            submit(executor, kind, job, results.tell)
        is_nice = kind in {JobKind.RECOGNISE, JobKind.TRANSCRIBE}
        expected = least if is_nice else usual
        assert results.wait_for(2) == [expected, expected]
    assert niceness() == usual
