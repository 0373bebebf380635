"""Addresses that are reserved before their actors are spawned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from dummy_actors import SOON, Keeper, Pacer, Text, settled

from soundstage.errors import KernelError
from soundstage.kernel import Limits, Phase, SimulatedKernel
from soundstage.messages import Frame
from soundstage.units import FRAME_SAMPLES, SILENCE

if TYPE_CHECKING:
    from soundstage.kernel import Kernel


class Caller(Keeper):
    """Tells another one from the beginning."""

    def __init__(self, kept: list[object], other: object) -> None:
        super().__init__(kept)
        self.other = other

    def started(self) -> None:
        self.other.tell(Text(f"from {self.name}"))  # type: ignore[attr-defined]


def test_two_actors_are_given_each_other_when_they_are_made(kernel: Kernel) -> None:
    kept: list[object] = []
    a, b = kernel.address("a"), kernel.address("b")
    assert kernel.spawn(a, lambda: Caller(kept, b)) is a
    kernel.spawn(b, lambda: Caller(kept, a))
    kernel.wait_ready([a, b], SOON)
    assert set(settled(kernel, kept, 2)) == {Text("from a"), Text("from b")}


def test_what_an_address_is_told_before_its_actor_is_spawned_waits_for_it(kernel: Kernel) -> None:
    kept: list[object] = []
    address = kernel.address("a")
    for number in range(12):
        address.tell(Frame("x", number, SILENCE))
    address.tell(Text("early"))
    kernel.spawn(address, lambda: Keeper(kept))
    address.tell(Text("late"))
    settled(kernel, kept, 12)
    assert [frame.pts for frame in kept if isinstance(frame, Frame)] == [*range(2, 12)]
    assert kept[-2:] == [Text("early"), Text("late")]
    assert kernel.drops(address) == {"Frame:x": 2}


def test_the_limits_of_an_actor_hold_from_its_spawning_on() -> None:
    kept: list[object] = []
    with SimulatedKernel() as kernel:
        address = kernel.address("a")
        for number in range(3):
            address.tell(Frame("x", number, SILENCE))
        kernel.settle()
        kernel.spawn(address, lambda: Keeper(kept), limits=Limits({Frame: 4}))
        for number in range(3, 6):
            address.tell(Frame("x", number, SILENCE))
        kernel.settle()
    assert [frame.pts for frame in kept if isinstance(frame, Frame)] == [2, 3, 4, 5]


def test_at_an_address_that_no_actor_gets_letters_are_counted_as_lost(kernel: Kernel) -> None:
    address = kernel.address("a")
    address.tell(Text("early"))
    assert kernel.stop([[address]], SOON).killed == ()
    address.tell(Text("late"))
    assert kernel.drops(address)["lost"] >= 2
    with pytest.raises(KernelError, match="before"):
        kernel.spawn(address, lambda: Keeper([]))


def test_a_kernel_with_an_address_that_no_actor_gets_closes_at_once(kernel: Kernel) -> None:
    kernel.address("a").tell(Text("early"))


def test_a_name_and_an_address_are_given_once(kernel: Kernel) -> None:
    a = kernel.address("a")
    with pytest.raises(KernelError, match="called 'a' already"):
        kernel.address("a")
    with pytest.raises(KernelError, match="called 'a' already"):
        kernel.spawn("a", lambda: Keeper([]))
    kernel.spawn(a, lambda: Keeper([]))
    with pytest.raises(KernelError, match="spawned at 'a' before"):
        kernel.spawn(a, lambda: Keeper([]))


def test_an_address_of_another_kernel_and_a_wait_for_nothing_are_refused(kernel: Kernel) -> None:
    with SimulatedKernel() as other, pytest.raises(KernelError, match="another kernel"):
        kernel.spawn(other.address("a"), lambda: Keeper([]))
    with pytest.raises(KernelError, match="no actor was spawned at 'b'"):
        kernel.wait_ready([kernel.address("b")], SOON)


def test_ticks_go_by_the_order_of_spawning_and_not_of_reserving() -> None:
    log: list[tuple[str, int]] = []
    with SimulatedKernel() as kernel:
        second, first = kernel.address("second"), kernel.address("first")
        for address in (first, second):
            kernel.spawn(address, lambda: Pacer(log, Phase.SOURCE))
        kernel.run_for(FRAME_SAMPLES)
    assert [name for name, _ in log[-2:]] == ["first", "second"]
