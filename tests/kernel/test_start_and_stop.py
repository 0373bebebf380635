"""Starting waits for those who are not ready; stopping drains, then kills."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest
from dummy_actors import SOON, Keeper, Text

from soundstage.errors import StartFailed
from soundstage.kernel import SimulatedKernel, handles
from soundstage.messages import Frame, Stop
from soundstage.units import FRAME_SAMPLES, SILENCE

if TYPE_CHECKING:
    from soundstage.kernel import Kernel


class Slow(Keeper):
    """Not ready until it is told so."""

    auto_ready: ClassVar[bool] = False

    @handles(Text)
    def keep(self, message: object) -> None:
        self.ready()


def test_start_waits_for_ready_or_says_who_was_not(kernel: Kernel) -> None:
    address = kernel.spawn("a", lambda: Slow([]))
    with pytest.raises(StartFailed, match="a: not ready in time"):
        kernel.wait_ready([address], FRAME_SAMPLES * 3)
    address.tell(Text("go"))
    kernel.wait_ready([address], SOON)


class Broken(Keeper):
    def started(self) -> None:
        raise OSError("no such device")


def test_an_actor_that_fails_before_it_is_ready_fails_the_start(kernel: Kernel) -> None:
    address = kernel.spawn("a", lambda: Broken([]))
    with pytest.raises(StartFailed, match="no such device") as caught:
        kernel.wait_ready([address], SOON)
    assert isinstance(caught.value.__cause__, OSError)


class Draining(Keeper):
    """Ends a while after it was asked to."""

    def stopping(self) -> None:
        self.after(FRAME_SAMPLES, Text("drained"))

    @handles(Text)
    def keep(self, message: object) -> None:
        self.kept.append(message)
        if message == Text("drained"):
            self.finish()

    def closed(self) -> None:
        self.kept.append("closed")


def test_stop_waits_for_what_is_queued_and_closes_last(kernel: Kernel) -> None:
    kept: list[object] = []
    address = kernel.spawn("a", lambda: Draining(kept))
    address.tell(Text("before"))
    report = kernel.stop([[address]], SOON)
    assert (report.killed, report.leftovers) == ((), ())
    assert kept == [Text("before"), Text("drained"), "closed"]


class Stubborn(Keeper):
    def stopping(self) -> None:
        """Never ends by itself."""


def test_who_does_not_stop_in_time_is_killed_and_named(kernel: Kernel) -> None:
    address = kernel.spawn("a", lambda: Stubborn([]))
    report = kernel.stop([[address]], FRAME_SAMPLES * 2)
    assert (report.killed, report.leftovers) == (("a",), ())


def test_a_stop_keeps_its_place_behind_the_frames() -> None:
    kept: list[object] = []
    with SimulatedKernel() as kernel:
        address = kernel.spawn("a", lambda: Keeper(kept))
        address.tell(Frame("x", 0, SILENCE))
        address.tell(Stop())
        address.tell(Text("too late"))
        kernel.settle()
        assert kernel.drops(address)["lost"] == 1
    assert len(kept) == 1
