"""What becomes of an actor that fails, and of those around it."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import pytest
from dummy_actors import Keeper, Later, Text, settled

from soundstage.errors import RunBrokenOff
from soundstage.kernel import Actor, Policy, SimulatedKernel, handles
from soundstage.messages import Faulted, Ready, Tick
from soundstage.units import FRAME_SAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soundstage.kernel import Kernel


def test_a_fault_is_told_to_the_watcher_and_leaves_the_others_alone(kernel: Kernel) -> None:
    seen: list[object] = []
    kept: list[object] = []
    watcher = kernel.spawn("a", lambda: Keeper(seen))
    address = kernel.spawn("b", lambda: Keeper(kept), watcher=watcher)
    address.tell(Text("raise"))
    address.tell(Text("lost"))
    settled(kernel, seen, 2)
    assert seen[0] == Ready("b")
    fault = seen[1]
    assert isinstance(fault, Faulted)
    assert fault.cause.message == "ValueError: as asked"
    assert fault.action == "leave"
    assert "as asked" in fault.traceback
    address.tell(Text("to the dead"))
    watcher.tell(Text("still here"))
    assert settled(kernel, seen, 3)[-1] == Text("still here")
    assert kept == [Text("raise")]
    assert kernel.drops(address)["lost"] == 2


def test_an_address_survives_a_restart_and_old_timers_do_not(kernel: Kernel) -> None:
    seen: list[object] = []
    kept: list[object] = []
    watcher = kernel.spawn("a", lambda: Keeper(seen))
    address = kernel.spawn(
        "b",
        lambda: Keeper(kept),
        policy=Policy("restart", restarts=1, backoff=FRAME_SAMPLES),
        watcher=watcher,
    )
    address.tell(Later("of the first life", FRAME_SAMPLES * 2))
    address.tell(Text("raise"))
    settled(kernel, seen, 3)
    assert seen[2] == Ready("b")
    address.tell(Later("of the second life", FRAME_SAMPLES * 4))
    assert settled(kernel, kept, 2)[1] == Text("of the second life")
    assert kernel.drops(address)["stale"] == 1
    address.tell(Text("raise"))
    settled(kernel, seen, 4)
    last = seen[3]
    assert isinstance(last, Faulted)
    assert (last.action, last.restarts) == ("leave", 1)


class Interrupting(Actor):
    @handles(Tick)
    def stop(self, tick: Tick) -> None:
        raise KeyboardInterrupt


@pytest.fixture
def pythons_own_interrupts() -> Iterator[None]:
    """Python's handler of Ctrl-C: a program that a shell starts in the background has none."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("pythons_own_interrupts")
def test_an_interrupt_inside_a_turn_breaks_off_the_run_and_nothing_else() -> None:
    with SimulatedKernel() as kernel:
        kernel.spawn("a", Interrupting).tell(Tick(0))
        with pytest.raises(RunBrokenOff, match="a broke the run off: KeyboardInterrupt"):
            kernel.run()


def test_an_actor_that_the_run_needs_and_nobody_watches_breaks_the_run_off(kernel: Kernel) -> None:
    kept: list[object] = []
    needed = kernel.spawn("needed", lambda: Keeper(kept), policy=Policy("end"))
    needed.tell(Text("raise"))
    with pytest.raises(RunBrokenOff, match="needed broke the run off: ValueError: as asked") as got:
        kernel.run()
    assert got.value.actor == "needed"
    assert "as asked" in got.value.traceback
    assert kernel.broken is got.value


def test_an_actor_that_is_left_dead_leaves_the_run_alone(kernel: Kernel) -> None:
    kept: list[object] = []
    left = kernel.spawn("left", lambda: Keeper(kept))
    watched = kernel.spawn("b", lambda: Keeper(kept), policy=Policy("end"), watcher=left)
    for address in (left, watched):
        address.tell(Text("raise"))
    settled(kernel, kept, 2)
    kernel.stop([[left, watched]], FRAME_SAMPLES * 50)
    assert kernel.broken is None


class FailsToClose(Keeper):
    def closed(self) -> None:
        raise OSError("the disk is full")


def test_one_that_fails_while_it_is_stopped_is_not_overlooked(kernel: Kernel) -> None:
    needed = kernel.spawn("needed", lambda: FailsToClose([]), policy=Policy("end"))
    kernel.stop([[needed]], FRAME_SAMPLES * 50)
    assert kernel.broken is not None
    assert isinstance(kernel.broken.error, OSError)


@pytest.mark.parametrize("given", ["Tick", None, lambda self, tick: None])
def test_handles_takes_nothing_but_the_class_of_a_message(given: Any) -> None:
    with pytest.raises(TypeError, match="takes the class of a message"):
        handles(given)


def test_an_actor_that_does_not_call_its_bases_init_is_told_so(kernel: Kernel) -> None:
    class Forgetful(Actor):
        def __init__(self) -> None:
            """Calls nothing."""

    seen: list[object] = []
    watcher = kernel.spawn("watcher", lambda: Keeper(seen))
    kernel.spawn("a", Forgetful, watcher=watcher)
    settled(kernel, seen, 1)
    [fault] = seen
    assert isinstance(fault, Faulted)
    assert fault.cause.message == "TypeError: Forgetful.__init__ must call super().__init__"
