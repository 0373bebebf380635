"""What becomes of an actor that fails, and of those around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from dummy_actors import Keeper, Later, Text, settled

from soundstage.errors import KernelError
from soundstage.kernel import Actor, Policy, SimulatedKernel, handles
from soundstage.messages import Faulted, Ready, Tick
from soundstage.units import FRAME_SAMPLES

if TYPE_CHECKING:
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
    assert fault.error == "ValueError: as asked"
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


def test_an_interrupt_inside_a_turn_breaks_off_the_run_and_nothing_else() -> None:
    with SimulatedKernel() as kernel:
        kernel.spawn("a", Interrupting).tell(Tick(0))
        with pytest.raises(KernelError, match="KeyboardInterrupt"):
            kernel.run()
