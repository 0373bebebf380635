"""The same rules on both hosts."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, ClassVar

import pytest
from msgspec import Struct

from soundstage.errors import KernelError, StartFailed
from soundstage.kernel import (
    Actor,
    Limits,
    Phase,
    Policy,
    SimulatedKernel,
    ThreadedKernel,
    handles,
)
from soundstage.messages import Faulted, Frame, Interrupt, Ready, Stop, Stopped, Tick
from soundstage.units import FRAME_SAMPLES, SILENCE, samples_of_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from soundstage.kernel import Kernel, Timer

SOON = samples_of_seconds(3)


class Text(Struct, frozen=True):
    text: str


class Later(Struct, frozen=True):
    text: str
    delay: int


@pytest.fixture(params=["threads", "simulated"])
def kernel(request: pytest.FixtureRequest) -> Iterator[Kernel]:
    host: Callable[[], Kernel] = ThreadedKernel if request.param == "threads" else SimulatedKernel
    with host() as made:
        yield made
    assert not [t for t in threading.enumerate() if t.name in {"clock", "portal", "a", "b"}]


class Keeper(Actor):
    """Keeps what it is told."""

    def __init__(self, kept: list[object]) -> None:
        super().__init__()
        self.kept = kept
        self.timers: list[Timer] = []

    @handles(Text)
    @handles(Frame)
    @handles(Interrupt)
    @handles(Ready)
    @handles(Stopped)
    @handles(Faulted)
    def keep(self, message: object) -> None:
        self.kept.append(message)
        if isinstance(message, Text) and message.text == "raise":
            raise ValueError("as asked")

    @handles(Later)
    def keep_later(self, later: Later) -> None:
        self.timers.append(self.after(later.delay, Text(later.text)))
        if later.text == "never":
            self.timers[-1].cancel()


def settled(kernel: Kernel, kept: list[object], count: int) -> list[object]:
    """Wait until so much has been kept: by turns, or by looking every 10 ms."""
    if isinstance(kernel, SimulatedKernel):
        assert kernel.wait(lambda: len(kept) >= count, SOON)
    for _ in range(300):
        if len(kept) >= count:
            break
        threading.Event().wait(0.01)
    assert len(kept) >= count
    return kept


def test_messages_are_handled_in_the_order_of_their_sending(kernel: Kernel) -> None:
    kept: list[object] = []
    address = kernel.spawn(lambda: Keeper(kept), name="a")
    for number in range(100):
        address.tell(Text(str(number)))
    assert settled(kernel, kept, 100) == [Text(str(number)) for number in range(100)]


def test_a_fault_is_told_to_the_watcher_and_leaves_the_others_alone(kernel: Kernel) -> None:
    seen: list[object] = []
    kept: list[object] = []
    watcher = kernel.spawn(lambda: Keeper(seen), name="a")
    address = kernel.spawn(lambda: Keeper(kept), name="b", watcher=watcher)
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
    watcher = kernel.spawn(lambda: Keeper(seen), name="a")
    address = kernel.spawn(
        lambda: Keeper(kept),
        name="b",
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


def test_a_cancelled_timer_is_not_told(kernel: Kernel) -> None:
    kept: list[object] = []
    address = kernel.spawn(lambda: Keeper(kept), name="a")
    address.tell(Later("never", FRAME_SAMPLES))
    address.tell(Later("after", FRAME_SAMPLES * 3))
    assert settled(kernel, kept, 1) == [Text("after")]


class Slow(Keeper):
    """Not ready until it is told so."""

    auto_ready: ClassVar[bool] = False

    @handles(Text)
    def keep(self, message: object) -> None:
        self.ready()


def test_start_waits_for_ready_or_says_who_was_not(kernel: Kernel) -> None:
    address = kernel.spawn(lambda: Slow([]), name="a")
    with pytest.raises(StartFailed, match="a: not ready in time"):
        kernel.wait_ready([address], FRAME_SAMPLES * 3)
    address.tell(Text("go"))
    kernel.wait_ready([address], SOON)


class Broken(Keeper):
    def started(self) -> None:
        raise OSError("no such device")


def test_an_actor_that_fails_before_it_is_ready_fails_the_start(kernel: Kernel) -> None:
    address = kernel.spawn(lambda: Broken([]), name="a")
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
    address = kernel.spawn(lambda: Draining(kept), name="a")
    address.tell(Text("before"))
    report = kernel.stop([[address]], SOON)
    assert (report.killed, report.leftovers) == ((), ())
    assert kept == [Text("before"), Text("drained"), "closed"]


class Stubborn(Keeper):
    def stopping(self) -> None:
        """Never ends by itself."""


def test_who_does_not_stop_in_time_is_killed_and_named(kernel: Kernel) -> None:
    address = kernel.spawn(lambda: Stubborn([]), name="a")
    report = kernel.stop([[address]], FRAME_SAMPLES * 2)
    assert (report.killed, report.leftovers) == (("a",), ())


class Pacer(Actor):
    def __init__(self, log: list[tuple[str, int]], phase: Phase) -> None:
        super().__init__()
        self.log = log
        self.phase = phase

    def started(self) -> None:
        self.pace(self.phase)

    @handles(Tick)
    def note(self, tick: Tick) -> None:
        self.log.append((self.name, tick.pts))


def test_ticks_come_every_20_ms_with_no_gap(kernel: Kernel) -> None:
    log: list[tuple[str, int]] = []
    kernel.spawn(lambda: Pacer(log, Phase.SOURCE), name="a")
    settled(kernel, log, 5)  # type: ignore[arg-type]
    first = log[0][1]
    assert [pts for _, pts in log[:5]] == [first + n * FRAME_SAMPLES for n in range(5)]


def test_ticks_of_one_time_come_phase_by_phase_then_by_order_of_spawning() -> None:
    log: list[tuple[str, int]] = []
    with SimulatedKernel() as kernel:
        kernel.spawn(lambda: Pacer(log, Phase.RECORDER), name="last")
        kernel.spawn(lambda: Pacer(log, Phase.SOURCE), name="first")
        kernel.spawn(lambda: Pacer(log, Phase.SOURCE), name="second")
        kernel.run_for(0)
        log.clear()
        kernel.run_for(FRAME_SAMPLES)
    assert [name for name, _ in log[-3:]] == ["first", "second", "last"]


class Interrupting(Actor):
    @handles(Tick)
    def stop(self, tick: Tick) -> None:
        raise KeyboardInterrupt


def test_an_interrupt_inside_a_turn_breaks_off_the_run_and_nothing_else() -> None:
    with SimulatedKernel() as kernel:
        kernel.spawn(Interrupting, name="a").tell(Tick(0))
        with pytest.raises(KernelError, match="KeyboardInterrupt"):
            kernel.run()


def test_nothing_left_to_happen_is_an_error_and_not_a_hang() -> None:
    with SimulatedKernel() as kernel:
        kernel.spawn(lambda: Keeper([]), name="a")
        with pytest.raises(KernelError, match="nothing can happen"):
            kernel.run()


def test_time_is_finished_from_a_turn(kernel: Kernel) -> None:
    class Finisher(Keeper):
        @handles(Text)
        def keep(self, message: object) -> None:
            kernel.finish()

    kernel.spawn(lambda: Finisher([]), name="a").tell(Text("end"))
    kernel.run()


def test_only_frames_are_dropped_and_the_oldest_go_first() -> None:
    kept: list[object] = []
    with SimulatedKernel() as kernel:
        address = kernel.spawn(lambda: Keeper(kept), name="a", limits=Limits({Frame: 2}))
        address.tell(Text("first"))
        for number in range(4):
            address.tell(Frame("x", number, SILENCE))
        address.tell(Interrupt("x", 0, 1))
        kernel.settle()
        assert kernel.drops(address) == {"Frame:x": 2}
    assert kept[:2] == [Interrupt("x", 0, 1), Text("first")]
    assert [m.pts for m in kept if isinstance(m, Frame)] == [2, 3]


def test_a_stop_keeps_its_place_behind_the_frames() -> None:
    kept: list[object] = []
    with SimulatedKernel() as kernel:
        address = kernel.spawn(lambda: Keeper(kept), name="a")
        address.tell(Frame("x", 0, SILENCE))
        address.tell(Stop())
        address.tell(Text("too late"))
        kernel.settle()
        assert kernel.drops(address)["lost"] == 1
    assert len(kept) == 1
