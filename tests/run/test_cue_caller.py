"""Cues, on the virtual clock, given to actors that keep what they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from soundstage.kernel import Actor, SimulatedKernel, handles
from soundstage.messages import (
    Begin,
    Entry,
    Join,
    Leave,
    Mute,
    Play,
    PressKeys,
    Prompt,
    Say,
    StopSpeaking,
    WindDown,
    events,
)
from soundstage.run.cue_caller import CueCaller, CueTargets
from soundstage.scenario.cues import Cue, ReadyCue
from soundstage.units import samples_of_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

SPOKE = {"agent": "bob", "event": "speech_started"}


class Keeper(Actor):
    def __init__(self, kept: list[object]) -> None:
        super().__init__()
        self.kept = kept

    @handles(StopSpeaking)
    @handles(Join)
    @handles(Leave)
    @handles(Mute)
    @handles(Play)
    @handles(PressKeys)
    @handles(Prompt)
    @handles(Say)
    @handles(Entry)
    def keep(self, message: object) -> None:
        self.kept.append(message.event if isinstance(message, Entry) else message)


class Call:
    """Ann and Bob hear each other; Eve is in the room with Ann only."""

    def __init__(self, kernel: SimulatedKernel, *cues: dict[str, Any], floored: str = "") -> None:
        self.kernel = kernel
        self.kept: dict[str, list[Any]] = {}
        ready = tuple(ReadyCue(Cue.model_validate(cue), b"\1\0") for cue in cues)
        agents = {name: self.keeper(name) for name in ("ann", "bob", "eve")}
        targets = CueTargets(
            agents=agents,
            mixer=self.keeper("mixer"),
            journal=self.keeper("log"),
            hears={"ann": ("bob",), "bob": ("ann",), "eve": ()},
            rooms={"ann": ("panel",), "eve": ("panel", "hall")},
            floored=frozenset({floored}),
        )
        self.caller = kernel.spawn("cues", lambda: CueCaller(ready, targets))
        self.caller.tell(Begin())
        kernel.settle()

    def keeper(self, name: str) -> Any:
        kept = self.kept.setdefault(name, [])
        return self.kernel.spawn(name, lambda: Keeper(kept))

    def see(self, *seen: events.Event) -> None:
        for event in seen:
            self.caller.tell(Entry(event))
        self.kernel.settle()
        self.kernel.run_for(0)

    def come_in(self) -> None:
        opening = events.RunStarted(
            pts=0, schema=1, scenario="s", seed=0, clock="virtual", agents=("ann",), hears={}
        )
        self.see(opening, *(events.Joined(pts=0, agent=name) for name in ("ann", "bob", "eve")))

    def speak(self, agent: str = "bob") -> None:
        self.see(
            events.AgentSpeechStarted(pts=0, agent=agent, response="r"),
            events.VoiceStarted(pts=0, agent=agent, track="said"),
        )

    def fall_silent(self, agent: str = "bob") -> None:
        self.see(events.VoiceStopped(pts=0, agent=agent, track="said"))


@pytest.fixture
def kernel() -> Iterator[SimulatedKernel]:
    with SimulatedKernel() as made:
        yield made


def test_a_cue_is_logged_with_its_id(kernel: SimulatedKernel) -> None:
    call = Call(kernel, {"id": "stop", "after": SPOKE, "agent": "ann", "mute": True})
    call.speak()
    [given] = call.kept["log"]
    assert isinstance(given, events.CueGiven)
    assert given.id == "stop"


def test_a_cue_that_overlaps_is_given_at_its_moment_and_logged(kernel: SimulatedKernel) -> None:
    call = Call(kernel, {"after": SPOKE, "agent": "ann", "say": "Stop!", "overlap": True})
    call.speak()
    assert call.kept["ann"] == [Say("Stop!", overlap=True)]
    assert call.kept["log"] == [events.CueGiven(pts=0, agent="ann", cue=0, act="say")]


def test_keys_are_pressed_when_it_is_quiet_and_without_the_floor(kernel: SimulatedKernel) -> None:
    call = Call(kernel, {"after": SPOKE, "agent": "ann", "keys": "5#"}, floored="ann")
    call.speak()
    assert call.kept["ann"] == []
    call.fall_silent()
    assert call.kept["ann"] == [PressKeys("5#")]
    assert call.kept["log"] == [events.CueGiven(pts=0, agent="ann", cue=0, act="keys")]


def test_a_delay_is_waited_for(kernel: SimulatedKernel) -> None:
    after = {**SPOKE, "delay": "900ms"}
    call = Call(kernel, {"after": after, "agent": "ann", "ask": "Object.", "overlap": True})
    call.speak()
    kernel.run_for(samples_of_seconds(0.89))
    assert call.kept["ann"] == []
    kernel.run_for(samples_of_seconds(0.02))
    assert call.kept["ann"] == [Prompt("Object.", overlap=True)]


def test_a_polite_cue_waits_until_nobody_whom_its_agent_hears_is_speaking(
    kernel: SimulatedKernel,
) -> None:
    call = Call(kernel, {"after": SPOKE, "agent": "ann", "say": "May I?"})
    call.speak()
    call.speak("eve")
    assert call.kept["ann"] == []
    call.fall_silent()
    assert call.kept["ann"] == [Say("May I?")]


def test_two_polite_cues_do_not_speak_at_the_same_time(kernel: SimulatedKernel) -> None:
    cue = {"after": SPOKE, "agent": "ann", "say": "One."}
    call = Call(kernel, cue, {**cue, "say": "Two."})
    call.speak()
    call.fall_silent()
    assert call.kept["ann"] == [Say("One.")]
    call.speak("ann")
    call.fall_silent("ann")
    assert call.kept["ann"] == [Say("One."), Say("Two.")]


def test_where_there_is_a_floor_the_agent_waits_for_that(kernel: SimulatedKernel) -> None:
    call = Call(kernel, {"after": SPOKE, "agent": "ann", "say": "May I?"}, floored="ann")
    call.speak()
    assert call.kept["ann"] == [Say("May I?")]


@pytest.mark.parametrize(("times", "given"), [(1, 1), (2, 2), ("every", 3)])
def test_a_cue_is_given_as_often_as_it_says(
    kernel: SimulatedKernel, times: object, given: int
) -> None:
    cue = {"after": SPOKE, "agent": "ann", "say": "Hm.", "overlap": True, "times": times}
    call = Call(kernel, cue)
    for _ in range(3):
        call.speak()
    assert len(call.kept["ann"]) == given


def test_a_time_counts_from_the_beginning_of_the_run(kernel: SimulatedKernel) -> None:
    call = Call(kernel, {"after": {"at": "2s"}, "agent": "ann", "say": "Now."})
    kernel.run_for(samples_of_seconds(1.9))
    assert call.kept["ann"] == []
    kernel.run_for(samples_of_seconds(0.2))
    assert call.kept["ann"] == [Say("Now.")]


def test_a_cue_comes_with_each_silence_of_the_room(kernel: SimulatedKernel) -> None:
    cue = {"after": {"silence": "2s"}, "agent": "ann", "ask": "Are you there?", "times": 2}
    call = Call(kernel, cue)
    call.come_in()
    for _ in range(3):
        call.see(events.VoiceStarted(pts=kernel.now, agent="bob", track="said"))
        kernel.run_for(samples_of_seconds(5))
        call.see(events.VoiceStopped(pts=kernel.now, agent="bob", track="said"))
        kernel.run_for(samples_of_seconds(1.9))
        before = len(call.kept["ann"])
        kernel.run_for(samples_of_seconds(5))
        call.see(events.VoiceStarted(pts=kernel.now, agent="bob", track="said"))
        assert len(call.kept["ann"]) <= before + 1
    assert call.kept["ann"] == [Prompt("Are you there?", overlap=False)] * 2


def test_a_cue_does_not_come_with_a_pause_that_is_too_short(kernel: SimulatedKernel) -> None:
    cue = {"after": {"agent": "bob", "silence": "2s"}, "agent": "ann", "ask": "Well?"}
    call = Call(kernel, cue)
    call.come_in()
    kernel.run_for(samples_of_seconds(1.9))
    call.see(events.VoiceStarted(pts=kernel.now, agent="bob", track="said"))
    kernel.run_for(samples_of_seconds(9))
    assert call.kept["ann"] == []


def test_what_was_said_fills_the_words_of_a_cue(kernel: SimulatedKernel) -> None:
    after = {"said": "order {order}"}
    call = Call(kernel, {"after": after, "agent": "ann", "say": "Not {order}!", "overlap": True})
    call.see(events.HeardText(pts=0, agent="ann", speaker="bob", text="order nine", start=0, end=1))
    assert call.kept["ann"] == [Say("Not nine!", overlap=True)]


def test_a_recording_is_played_under_its_name(kernel: SimulatedKernel) -> None:
    cue = {"after": SPOKE, "agent": "ann", "play": "sounds/dog.wav", "overlap": True}
    call = Call(kernel, cue)
    call.speak()
    assert call.kept["ann"] == [Play("dog", b"\1\0", overlap=True)]


def test_agents_are_muted_and_heard_again(kernel: SimulatedKernel) -> None:
    call = Call(
        kernel,
        {"after": SPOKE, "agent": "bob", "mute": True},
        {"after": {**SPOKE, "nth": 2}, "agent": "bob", "mute": False},
    )
    call.speak()
    call.speak()
    assert call.kept["mixer"] == [Mute("bob", None), Mute("bob", 0)]


def test_who_leaves_falls_silent_and_is_in_no_room_any_more(kernel: SimulatedKernel) -> None:
    call = Call(kernel, {"after": SPOKE, "agent": "eve", "leave": True})
    call.speak()
    assert call.kept["eve"] == [StopSpeaking("cue")]
    assert call.kept["mixer"] == [Leave("eve", "panel"), Leave("eve", "hall")]
    gone = [event.room for event in call.kept["log"] if isinstance(event, events.Exited)]
    assert gone == ["panel", "hall"]


def test_who_is_to_come_is_not_there_at_first(kernel: SimulatedKernel) -> None:
    call = Call(kernel, {"after": SPOKE, "agent": "eve", "join": "panel"})
    assert call.kept["mixer"] == [Leave("eve", "panel")]
    call.speak()
    assert call.kept["mixer"][1:] == [Join("eve", "panel")]
    assert events.Entered(pts=0, agent="eve", room="panel") in call.kept["log"]


def test_who_leaves_before_it_comes_back_is_there_at_first(kernel: SimulatedKernel) -> None:
    call = Call(
        kernel,
        {"after": SPOKE, "agent": "eve", "leave": True},
        {"after": {**SPOKE, "nth": 2}, "agent": "eve", "join": "panel"},
    )
    assert call.kept["mixer"] == []


def test_no_cue_is_given_once_the_run_winds_down(kernel: SimulatedKernel) -> None:
    call = Call(kernel, {"after": SPOKE, "agent": "ann", "say": "Late.", "overlap": True})
    call.caller.tell(WindDown())
    call.speak()
    assert call.kept["ann"] == []
