"""What only the simulated host does: it watches turns, and works between them."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

import pytest
from msgspec import Struct

from soundstage.kernel import Actor, Policy, SimulatedKernel, TurnWatch, handles
from soundstage.messages import Faulted
from soundstage.units import samples_of_seconds

if TYPE_CHECKING:
    from collections.abc import Callable


class Go(Struct, frozen=True):
    """The only letter."""


class Doer(Actor):
    """Does what it was made for when it is told to go."""

    def __init__(self, do: Callable[[Doer], None]) -> None:
        super().__init__()
        self._do = do

    @handles(Go)
    def go(self, _: Go) -> None:
        self._do(self)


class Watcher(Actor):
    def __init__(self, seen: list[object]) -> None:
        super().__init__()
        self.seen = seen

    def on_receive(self, message: object) -> None:
        self.seen.append(message)


def faults_of(do: Callable[[Doer], None], kernel: SimulatedKernel) -> list[Faulted]:
    """What the watcher is told of an actor that does this, restarts being allowed."""
    seen: list[object] = []
    watcher = kernel.spawn("watcher", lambda: Watcher(seen))
    policy = Policy(on_fault="restart")
    kernel.spawn("alice", lambda: Doer(do), policy=policy, watcher=watcher).tell(Go())
    kernel.run_for(samples_of_seconds(1))
    return [each for each in seen if isinstance(each, Faulted)]


def test_an_actor_that_tells_itself_things_for_ever_is_ended_by_name() -> None:
    with SimulatedKernel() as kernel:
        [fault] = faults_of(lambda actor: actor.address.tell(Go()), kernel)
    assert fault.action == "end"
    assert "turns went by without time advancing" in fault.cause.message
    assert "alice" in fault.cause.message


def test_an_actor_that_sets_timers_with_no_delay_for_ever_is_ended_by_name() -> None:
    with SimulatedKernel() as kernel:
        [fault] = faults_of(lambda actor: actor.after(0, Go()) and None, kernel)
    assert (fault.actor, fault.action) == ("alice", "end")


def test_time_goes_on_after_an_actor_that_ran_in_circles() -> None:
    with SimulatedKernel() as kernel:
        faults_of(lambda actor: actor.address.tell(Go()), kernel)
        assert kernel.now == samples_of_seconds(1)


def test_a_turn_that_waits_for_ever_is_broken_off_and_named() -> None:
    never = threading.Event()
    with SimulatedKernel(TurnWatch(slow=0.02, stuck=0.1)) as kernel:
        [fault] = faults_of(lambda _: never.wait() and None, kernel)
    assert "alice was in one turn" in fault.cause.message
    assert fault.action == "end"


def test_a_turn_that_loops_for_ever_is_broken_off_and_named() -> None:
    def loop(_: Doer) -> None:
        while True:
            pass

    with SimulatedKernel(TurnWatch(slow=0.02, stuck=0.1)) as kernel:
        [fault] = faults_of(loop, kernel)
    assert "StuckTurn" in fault.cause.message


def test_a_slow_turn_is_warned_about_while_it_still_runs(
    caplog: pytest.LogCaptureFixture,
) -> None:
    never = threading.Event()
    with SimulatedKernel(TurnWatch(slow=0.02, stuck=10)) as kernel:
        faults_of(lambda _: never.wait(0.2) and None, kernel)
    assert "alice is slow, the run waits for it at" in caplog.text
    assert "never.wait(0.2)" in caplog.text


def test_an_actor_that_starts_a_thread_is_named(caplog: pytest.LogCaptureFixture) -> None:
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    with SimulatedKernel() as kernel, caplog.at_level(logging.WARNING):
        faults_of(lambda _: thread.start(), kernel)
        done.set()
        thread.join()
    assert "alice has started a thread" in caplog.text


def test_a_thread_may_belong_to_a_run_beside_this_one(caplog: pytest.LogCaptureFixture) -> None:
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    with SimulatedKernel(), SimulatedKernel() as kernel, caplog.at_level(logging.WARNING):
        faults_of(lambda _: thread.start(), kernel)
        done.set()
        thread.join()
    assert "has started a thread" not in caplog.text


def test_no_thread_is_left_when_the_kernel_has_closed() -> None:
    with SimulatedKernel():
        assert any(thread.name == "turn-watch" for thread in threading.enumerate())
    assert not any(thread.name == "turn-watch" for thread in threading.enumerate())
