"""The controller of a floor, on the virtual clock, with members that keep what they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from soundstage.floor import Floor, FloorController, FloorPolicy, FloorSetup, FloorTurn, RoundRobin
from soundstage.floor.floor_state import STARTS_WITHIN
from soundstage.kernel import Actor, SimulatedKernel, handles
from soundstage.messages import Begin, Entry, Faulted, LoseFloor, Owner, TakeFloor, WindDown, events

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMBERS = ("ada", "ben")


class Failing(FloorPolicy):
    def choose(self, turn: FloorTurn) -> str | None:
        raise RuntimeError("no")


class Keeper(Actor):
    def __init__(self, kept: list[object]) -> None:
        super().__init__()
        self.kept = kept

    @handles(TakeFloor)
    @handles(LoseFloor)
    @handles(Entry)
    @handles(Faulted)
    def keep(self, message: object) -> None:
        self.kept.append(message.event if isinstance(message, Entry) else message)


class Panel:
    def __init__(
        self,
        kernel: SimulatedKernel,
        policy: type[FloorPolicy] = RoundRobin,
        *,
        outside: tuple[str, ...] = (),
    ) -> None:
        self.kernel = kernel
        self.told: dict[str, list[object]] = {name: [] for name in (*MEMBERS, "log")}
        addresses = {
            name: kernel.spawn(name, lambda kept=kept: Keeper(kept))
            for name, kept in self.told.items()
        }
        journal = addresses.pop("log")

        def make() -> Floor:
            return Floor(policy(FloorSetup(members=MEMBERS)))

        self.controller = kernel.spawn(
            "floor", lambda: FloorController("panel", make, addresses, journal, outside)
        )
        for name in MEMBERS:
            self.see(events.Joined(pts=0, agent=name))
        self.controller.tell(Begin())
        kernel.settle()

    def see(self, event: events.Event) -> None:
        self.controller.tell(Entry(event))
        self.kernel.settle()


@pytest.fixture
def kernel() -> Iterator[SimulatedKernel]:
    with SimulatedKernel() as made:
        yield made


def test_a_member_is_told_that_it_has_the_floor_and_the_log_says_so(
    kernel: SimulatedKernel,
) -> None:
    panel = Panel(kernel)
    assert panel.told["ada"] == [TakeFloor("panel")]
    [given] = panel.told["log"]
    assert given == events.FloorGiven(pts=0, agent="ada", room="panel", why="opening")


def test_the_next_is_told_whom_it_answers_and_when_that_one_had_finished(
    kernel: SimulatedKernel,
) -> None:
    panel = Panel(kernel)
    panel.see(events.AgentSpeechStarted(pts=0, agent="ada", response="r"))
    panel.see(events.AgentSpeechStopped(pts=900, agent="ada", response="r"))
    panel.see(
        events.Turn(
            pts=900,
            agent="ada",
            number=1,
            response="r",
            start=0,
            end=880,
            generated="Hi.",
            said="Hi.",
        )
    )
    panel.see(events.FloorPassed(pts=900, agent="ada"))
    assert panel.told["ben"] == [TakeFloor("panel", "ada", 880)]


def test_who_does_not_start_in_time_loses_the_floor(kernel: SimulatedKernel) -> None:
    panel = Panel(kernel)
    kernel.run_for(STARTS_WITHIN)
    assert panel.told["ada"][-1] == LoseFloor("late")
    panel.see(events.FloorPassed(pts=kernel.now, agent="ada"))
    assert panel.told["ben"] == [TakeFloor("panel")]
    why = [event.why for event in panel.told["log"] if hasattr(event, "why")]
    assert why == ["opening", "late", "fallback"]


@pytest.mark.parametrize(
    "gone",
    [
        events.Left(pts=0, agent="ada", reason="its own"),
        events.Fault(pts=0, agent="ada", error="E: e", traceback="", action="restart"),
    ],
)
def test_a_room_of_two_waits_when_one_goes_and_goes_on_when_it_comes_again(
    kernel: SimulatedKernel, gone: events.Event
) -> None:
    panel = Panel(kernel)
    panel.see(gone)
    assert panel.told["ben"] == []
    panel.see(events.Joined(pts=0, agent="ada"))
    assert panel.told["ben"] == [TakeFloor("panel")]


def test_who_is_outside_has_no_turn_until_it_comes_in(kernel: SimulatedKernel) -> None:
    panel = Panel(kernel, outside=("ada",))
    panel.see(events.Joined(pts=0, agent="ada"))
    assert panel.told["ada"] == panel.told["ben"] == []
    panel.see(events.Entered(pts=0, agent="ada", room="panel"))
    assert panel.told["ada"] == [TakeFloor("panel")]


def test_who_has_gone_out_has_no_turn_even_if_it_is_started_again(kernel: SimulatedKernel) -> None:
    panel = Panel(kernel)
    panel.see(events.Exited(pts=0, agent="ada", room="panel"))
    panel.see(events.Joined(pts=0, agent="ada"))
    assert panel.told["ben"] == []
    panel.see(events.Entered(pts=0, agent="ada", room="panel"))
    assert panel.told["ben"] == [TakeFloor("panel")]


def test_events_of_another_room_change_nothing(kernel: SimulatedKernel) -> None:
    panel = Panel(kernel)
    panel.see(events.Exited(pts=0, agent="ada", room="kitchen"))
    panel.see(events.Left(pts=0, agent="eve", reason="its own"))
    assert len(panel.told["log"]) == 1


def test_a_policy_that_fails_is_in_the_log(kernel: SimulatedKernel) -> None:
    panel = Panel(kernel, Failing)
    failed, given = panel.told["log"]
    assert isinstance(failed, Faulted)
    assert (failed.actor, failed.cause.owner) == ("rooms.panel.floor.policy", Owner.SIMULATOR)
    assert failed.cause.message == "RuntimeError: no"
    assert failed.cause.place.startswith("tests/floor/test_floor_controller.py:")
    assert isinstance(given, events.FloorGiven)


def test_no_member_is_told_to_begin_once_the_run_winds_down(kernel: SimulatedKernel) -> None:
    panel = Panel(kernel)
    panel.controller.tell(WindDown())
    panel.see(events.FloorPassed(pts=0, agent="ada"))
    kernel.run_for(10 * STARTS_WITHIN)
    assert panel.told["ben"] == []
