"""The director, on the virtual clock, with actors that do as they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from soundstage.config.values import Duration, Moment
from soundstage.errors import ConnectionLost, RunBrokenOff
from soundstage.kernel import Actor, Policy, SimulatedKernel, handles
from soundstage.messages import (
    Begin,
    Cause,
    CutOff,
    Entry,
    Faulted,
    HangUpRequested,
    Join,
    Leave,
    Owner,
    WindDown,
    cause_of,
    events,
)
from soundstage.run.addresses import Addresses
from soundstage.run.director import Director, RunPlan
from soundstage.run.endings import Due, Endings
from soundstage.run.event_hub import EventHub
from soundstage.units import FRAME_SAMPLES, samples_of_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soundstage.kernel import Address
    from soundstage.messages import Outcome


class Keeper(Actor):
    def __init__(self, kept: list[object]) -> None:
        super().__init__()
        self.kept = kept

    @handles(Begin)
    @handles(CutOff)
    @handles(Entry)
    @handles(Join)
    @handles(Leave)
    @handles(WindDown)
    def keep(self, message: object) -> None:
        self.kept.append(message)


class Stumbling(Keeper):
    @handles(Begin)
    def keep(self, message: object) -> None:
        raise ValueError("stumbled")


class Broken(Endings):
    def observe(self, event: events.Event) -> Due | None:
        if isinstance(event, events.Turn):
            raise TypeError("a bug")
        return super().observe(event)


class Run:
    """A director with two agents, a mixer and a recorder."""

    def __init__(
        self, kernel: SimulatedKernel, *, bob: type[Keeper] = Keeper, **planned: Any
    ) -> None:
        self.kernel = kernel
        self.outcomes: list[Outcome] = []
        self.kept: dict[str, list[object]] = {}
        hears = {"alice": ("bob",), "bob": ("alice",)}
        opening = events.RunStarted(
            pts=0,
            schema=1,
            scenario="s",
            seed=0,
            clock="virtual",
            agents=("alice", "bob"),
            hears=hears,
        )
        known: dict[str, Any] = {
            "opening": opening,
            "under_test": frozenset({"bob"}),
            "endings": Endings(turns=2, silence=None, when=()),
            "longest": samples_of_seconds(5),
            "guarded": True,
        }
        plan = RunPlan(**{**known, **planned})
        self.hub = kernel.address("events")
        self.director = kernel.address("director")
        recorder = self.keeper("recorder")
        addresses = Addresses(
            hub=self.hub,
            director=self.director,
            mixer=self.keeper("mixer"),
            recorder=recorder,
            transcriber=kernel.address("transcriber"),
            observers=self.keeper("observers"),
            agents={name: kernel.address(name) for name in ("alice", "bob")},
            floors={"panel": self.keeper("floor")},
            cues=self.keeper("cues"),
        )
        kernel.spawn(self.hub, lambda: EventHub(opening, recorder, self.director))
        kernel.spawn(
            self.director,
            lambda: Director(plan, addresses, self.outcomes.append),
            policy=Policy(on_fault="end"),
        )
        for name, kind in (("alice", Keeper), ("bob", bob)):
            self.keeper(name, kind, addresses.agents[name], watcher=self.director)
        kernel.settle()

    def keeper(
        self,
        name: str,
        kind: type[Keeper] = Keeper,
        address: Address | None = None,
        watcher: Address | None = None,
    ) -> Address:
        kept = self.kept.setdefault(name, [])
        return self.kernel.spawn(address or name, lambda: kind(kept), watcher=watcher)

    def log(self) -> list[events.Event]:
        return [m.event for m in self.kept["recorder"] if isinstance(m, Entry)]

    def turn(self, agent: str) -> None:
        turn = events.Turn(
            pts=self.kernel.now,
            agent=agent,
            number=0,
            response="r",
            start=0,
            end=1,
            generated="hi",
            said="hi",
        )
        self.hub.tell(Entry(turn))
        self.kernel.settle()

    def hear(self, listener: str, speaker: str) -> None:
        heard = events.HeardText(
            pts=self.kernel.now, agent=listener, speaker=speaker, text="hi", start=0, end=1
        )
        self.hub.tell(Entry(heard))
        self.kernel.settle()


@pytest.fixture
def kernel() -> Iterator[SimulatedKernel]:
    with SimulatedKernel() as made:
        yield made


def test_everyone_begins_once_everyone_is_ready(kernel: SimulatedKernel) -> None:
    run = Run(kernel)
    assert isinstance(run.log()[0], events.RunStarted)
    assert [e.agent for e in run.log() if isinstance(e, events.Joined)] == ["alice", "bob"]
    assert Begin() in run.kept["alice"]
    assert run.kept["mixer"] == [Join("alice"), Join("bob")]


def test_turns_are_numbered_over_the_whole_run(kernel: SimulatedKernel) -> None:
    run = Run(kernel)
    run.turn("alice")
    run.turn("bob")
    assert [e.number for e in run.log() if isinstance(e, events.Turn)] == [1, 2]


def test_the_last_turn_is_heard_before_the_run_ends(kernel: SimulatedKernel) -> None:
    run = Run(kernel)
    run.turn("alice")
    run.hear("bob", "alice")
    run.turn("bob")
    assert WindDown() in run.kept["alice"]
    kernel.run_for(samples_of_seconds(1))
    assert run.outcomes == []
    run.hear("alice", "bob")
    kernel.run_for(samples_of_seconds(0.2))
    assert [(o.kind, o.reason) for o in run.outcomes] == [("ended", "turns")]


def test_a_run_does_not_wait_for_ever_for_the_last_words(kernel: SimulatedKernel) -> None:
    run = Run(kernel)
    run.turn("alice")
    run.turn("bob")
    kernel.run_for(samples_of_seconds(3.5))
    assert [outcome.reason for outcome in run.outcomes] == ["turns"]


def test_a_guard_that_is_reached_fails_the_run(kernel: SimulatedKernel) -> None:
    run = Run(kernel)
    kernel.run_for(samples_of_seconds(9))
    assert [(o.kind, o.exit_code) for o in run.outcomes] == [("failed", 1)]


def test_hanging_up_ends_the_run_at_once(kernel: SimulatedKernel) -> None:
    run = Run(kernel)
    run.director.tell(HangUpRequested("interrupt"))
    kernel.settle()
    assert [(o.kind, o.exit_code) for o in run.outcomes] == [("interrupted", 130)]


def test_hanging_up_does_not_wait_for_the_last_words(kernel: SimulatedKernel) -> None:
    run = Run(kernel)
    run.turn("alice")
    run.turn("bob")
    assert run.outcomes == []
    run.director.tell(HangUpRequested("interrupt"))
    kernel.run_for(samples_of_seconds(5))
    assert [(o.kind, o.exit_code) for o in run.outcomes] == [("interrupted", 130)]


def test_an_agent_that_hangs_up_ends_the_run_as_declared(kernel: SimulatedKernel) -> None:
    run = Run(kernel)
    run.director.tell(HangUpRequested("bob"))
    kernel.settle()
    [outcome] = run.outcomes
    assert (outcome.kind, outcome.reason, outcome.exit_code) == ("ended", "hang_up", 0)
    assert run.log()[-1] == events.HangUp(pts=0, agent="bob", by="bob")


def test_a_run_in_which_nobody_is_left_to_hear_ends_with_the_fault(
    kernel: SimulatedKernel,
) -> None:
    run = Run(kernel, bob=Stumbling)
    assert [(o.kind, o.reason) for o in run.outcomes] == [("failed", "fault:bob")]
    assert Leave("bob") in run.kept["mixer"]
    [fault] = [e for e in run.log() if isinstance(e, events.Fault)]
    assert fault.error == "ValueError: stumbled"


def test_silence_counts_from_the_beginning_however_late_that_is(kernel: SimulatedKernel) -> None:
    kernel.run_for(samples_of_seconds(12))
    run = Run(kernel, endings=Endings(turns=None, silence=samples_of_seconds(3), when=()))
    kernel.run_for(samples_of_seconds(2))
    assert run.outcomes == []
    kernel.run_for(samples_of_seconds(2))
    assert [outcome.reason for outcome in run.outcomes] == ["silence"]


def test_a_silence_of_the_room_is_a_moment_that_ends_a_run(kernel: SimulatedKernel) -> None:
    quiet = Moment(silence=Duration("2s"), nth=2)
    ends = Endings(turns=None, silence=None, when=(quiet,))
    run = Run(kernel, endings=ends, longest=samples_of_seconds(60))
    kernel.run_for(samples_of_seconds(2.5))
    for made in (events.VoiceStarted, events.VoiceStopped):
        run.hub.tell(Entry(made(pts=kernel.now, agent="bob", track="said")))
        kernel.run_for(samples_of_seconds(0.5))
    assert run.outcomes == []
    kernel.run_for(samples_of_seconds(1.9))
    assert [(o.kind, o.reason) for o in run.outcomes] == [("ended", "when[0]")]


def test_nobody_waits_for_words_of_who_writes_nothing_down(kernel: SimulatedKernel) -> None:
    run = Run(kernel, recognizers=frozenset())
    run.turn("alice")
    run.turn("bob")
    kernel.run_for(samples_of_seconds(0.2))
    assert [outcome.reason for outcome in run.outcomes] == ["turns"]


def test_everyone_is_told_who_has_an_opening(kernel: SimulatedKernel) -> None:
    run = Run(kernel, openers=("bob",))
    assert Begin(("bob",)) in run.kept["alice"]


def test_a_fault_of_the_infrastructure_ends_the_run_as_invalid(kernel: SimulatedKernel) -> None:
    run = Run(kernel)
    cause = cause_of(ConnectionLost("gone"), "alice")
    run.director.tell(Faulted("alice", cause, "…", "leave"))
    kernel.run_for(FRAME_SAMPLES)
    assert [(o.kind, o.reason) for o in run.outcomes] == [("invalid", "connection_lost")]


@pytest.mark.parametrize("arguments", ["[" * 1_000, "[" * 1_000 + "]" * 1_000])
def test_arguments_that_are_nested_deeply_neither_end_a_run_nor_keep_it_from_ending(
    kernel: SimulatedKernel, arguments: str
) -> None:
    waits = Moment(tool="look", args={"at": "the sea"})
    run = Run(kernel, endings=Endings(turns=None, silence=None, when=(waits,)))
    known = {"pts": 0, "agent": "bob", "call": "c", "tool": "look"}
    run.hub.tell(Entry(events.ToolCalled(arguments=arguments, **known)))
    run.hub.tell(Entry(events.ToolReturned(output=arguments, latency=0, **known)))
    kernel.run_for(samples_of_seconds(9))
    assert [(o.kind, o.reason) for o in run.outcomes] == [("failed", "max")]


def test_a_director_that_fails_breaks_the_run_off(kernel: SimulatedKernel) -> None:
    run = Run(kernel, endings=Broken(turns=2, silence=None, when=()))
    run.turn("alice")
    with pytest.raises(RunBrokenOff, match="director broke the run off: TypeError: a bug"):
        kernel.run()


def test_an_agent_under_test_that_fails_in_the_last_words_fails_the_run(
    kernel: SimulatedKernel,
) -> None:
    run = Run(kernel)
    run.turn("alice")
    run.turn("bob")
    assert run.outcomes == []
    run.director.tell(Faulted("bob", cause_of(ValueError("x"), "bob"), "…", "leave"))
    kernel.run_for(samples_of_seconds(5))
    assert [(o.kind, o.reason) for o in run.outcomes] == [("failed", "fault:bob")]


def test_a_fault_after_the_end_is_told_if_it_changes_the_outcome(kernel: SimulatedKernel) -> None:
    run = Run(kernel)
    run.director.tell(HangUpRequested("bob"))
    lost = cause_of(ConnectionLost("gone"), "bob")
    run.director.tell(Faulted("bob", lost, "…", "leave"))
    run.director.tell(Faulted("bob", cause_of(ValueError("x"), "bob"), "…", "leave"))
    run.director.tell(Faulted("bob", cause_of(KeyError("y"), "bob"), "…", "leave"))
    kernel.settle()
    assert [(o.kind, o.reason, o.explanation) for o in run.outcomes] == [
        ("ended", "hang_up", ""),
        ("failed", "fault:bob", "ValueError: x"),
    ]


def test_what_is_asked_of_the_run_reaches_the_director_through_the_hub(
    kernel: SimulatedKernel,
) -> None:
    run = Run(kernel)
    crack = Cause(owner=Owner.SIMULATOR, reason="fault:effects.crack", message="cracked")
    run.hub.tell(Faulted("effects.crack", crack, "", "leave"))
    kernel.settle()
    assert [(o.kind, o.reason) for o in run.outcomes] == [("invalid", "fault:effects.crack")]


def test_an_agent_that_hangs_up_tells_the_hub(kernel: SimulatedKernel) -> None:
    run = Run(kernel)
    run.hub.tell(HangUpRequested("bob"))
    kernel.settle()
    assert [(o.kind, o.reason) for o in run.outcomes] == [("ended", "hang_up")]


class LeavesAtOnce(Keeper):
    auto_ready = False

    def started(self) -> None:
        self.finish()


def test_an_agent_that_leaves_before_the_run_begins_is_not_waited_for(
    kernel: SimulatedKernel,
) -> None:
    run = Run(kernel, bob=LeavesAtOnce)
    assert [(o.kind, o.reason) for o in run.outcomes] == [("ended", "left:bob")]
    assert [e.agent for e in run.log() if isinstance(e, events.Left)] == ["bob"]


def test_the_floors_and_the_cues_see_the_same_events_and_begin_after_the_last_has_joined(
    kernel: SimulatedKernel,
) -> None:
    run = Run(kernel)
    run.turn("alice")
    run.turn("bob")
    run.turn("alice")
    for name in ("floor", "cues"):
        told = [type(getattr(message, "event", message)) for message in run.kept[name]]
        joined, turn = events.Joined, events.Turn
        assert told == [events.RunStarted, joined, joined, Begin, turn, turn, WindDown, turn]
