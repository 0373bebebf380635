"""Agents that say their lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from dummy_engines import DummyEngines
from dummy_stage import DummyStage
from pydantic import ValidationError

from soundstage.agent.floor_grant import APART
from soundstage.kernel import SimulatedKernel
from soundstage.messages import Play, Say, StopSpeaking, TakeFloor, WindDown
from soundstage.messages.events import (
    FloorPassed,
    FloorWanted,
    Interrupted,
    Pressed,
    ResponseDone,
    Turn,
)
from soundstage.units import FRAME_SAMPLES, samples_of_ms, samples_of_seconds
from soundstage_agents.callers.caller_agent import ANSWERS_WITHIN, Script
from soundstage_agents.scripted import ScriptedAgent

if TYPE_CHECKING:
    from collections.abc import Iterator

WAIT = samples_of_ms(500)


@pytest.fixture
def stage() -> Iterator[DummyStage]:
    with SimulatedKernel() as kernel:
        yield DummyStage(kernel, "ann", "ben")


def lines(*texts: str, wait: str = "500ms") -> dict[str, object]:
    return {"lines": texts, "wait": wait}


def test_nothing_is_due_before_all_agents_are_ready() -> None:
    assert not Script(WAIT, ("ben",)).is_due(10 * WAIT)


def test_the_first_line_is_due_when_it_has_been_quiet_since_the_beginning() -> None:
    script = Script(WAIT, ("ben",))
    script.begin(0, ())
    assert not script.is_due(WAIT - 1)
    assert script.is_due(WAIT)


def test_the_first_line_waits_for_an_agent_that_has_an_opening() -> None:
    script = Script(WAIT, ("ben",))
    script.begin(0, ("ben", "eve"))
    assert not script.is_due(10 * WAIT)
    script.heard(10 * WAIT)
    assert script.is_due(11 * WAIT + FRAME_SAMPLES)


def test_an_opening_that_is_not_heard_is_not_waited_for() -> None:
    script = Script(WAIT, ("ben",))
    script.begin(0, ("eve",))
    assert script.is_due(WAIT)


def test_a_line_waits_for_an_answer_to_the_one_before() -> None:
    script = Script(WAIT, ("ben",))
    script.begin(0, ())
    script.spoke(2 * WAIT)
    assert not script.is_due(10 * WAIT)
    script.heard(10 * WAIT)
    assert not script.is_due(11 * WAIT)
    assert script.is_due(11 * WAIT + FRAME_SAMPLES)


def test_a_line_that_is_not_answered_is_followed_by_the_next_one_after_a_while() -> None:
    script = Script(WAIT, ("ben",))
    script.begin(0, ())
    script.spoke(2 * WAIT)
    spoken = 2 * WAIT + FRAME_SAMPLES
    assert not script.is_due(spoken + ANSWERS_WITHIN - 1)
    assert script.is_due(spoken + ANSWERS_WITHIN)


def test_an_agent_that_hears_no_other_says_one_line_after_the_other() -> None:
    script = Script(WAIT, ())
    script.begin(0, ())
    script.spoke(2 * WAIT)
    assert not script.is_due(3 * WAIT)
    assert script.is_due(3 * WAIT + FRAME_SAMPLES)


def test_two_scripts_take_turns_word_for_word(stage: DummyStage) -> None:
    stage.cast("ann", ScriptedAgent, settings=lines("Hello Ben.", "Goodbye."))
    stage.cast("ben", ScriptedAgent, settings=lines("Hello Ann.", "Bye.", wait="600ms"))
    stage.begin()
    stage.run(samples_of_seconds(6))
    turns = stage.of(Turn)
    assert [(turn.agent, turn.said) for turn in turns] == [
        ("ann", "Hello Ben."),
        ("ben", "Hello Ann."),
        ("ann", "Goodbye."),
        ("ben", "Bye."),
    ]
    for before, after, wait in zip(turns, turns[1:], (600, 500, 600), strict=False):
        assert 0 <= after.start - before.end - samples_of_ms(wait) <= 2 * FRAME_SAMPLES


def test_a_run_that_winds_down_hears_no_further_line(stage: DummyStage) -> None:
    stage.cast("ann", ScriptedAgent, settings=lines("Hello."))
    stage.cast("ben", ScriptedAgent)
    stage.begin()
    stage.agents["ann"].tell(WindDown())
    stage.run(samples_of_seconds(2))
    assert stage.of(Turn) == []


def test_with_a_floor_each_grant_is_a_line_and_then_the_floor_is_passed_on(
    stage: DummyStage,
) -> None:
    stage.cast("ann", ScriptedAgent, settings=lines("One."), floor="panel")
    stage.cast("ben", ScriptedAgent)
    stage.begin()
    stage.run(samples_of_seconds(2))
    assert stage.of(Turn) == []
    stage.agents["ann"].tell(TakeFloor("panel"))
    stage.run(samples_of_seconds(1))
    assert [turn.said for turn in stage.of(Turn)] == ["One."]
    assert len(stage.of(FloorPassed)) == 1
    stage.agents["ann"].tell(TakeFloor("panel"))
    stage.run(samples_of_seconds(1))
    assert len(stage.of(FloorPassed)) == 2


def test_a_line_waits_until_the_words_before_it_are_over_for_each_listener(
    stage: DummyStage,
) -> None:
    stage.cast("ann", ScriptedAgent, settings=lines("One.", "Two."), floor="panel")
    stage.cast("ben", ScriptedAgent)
    stage.begin()
    stage.agents["ben"].tell(Say("Ann?"))
    stage.run(samples_of_seconds(0.5))
    [asked] = stage.of(Turn)
    stage.agents["ann"].tell(TakeFloor("panel", "ben", asked.end))
    stage.run(samples_of_seconds(3))
    [_, line] = stage.of(Turn)
    assert line.said == "One."
    assert APART <= line.start - asked.end <= APART + 2 * FRAME_SAMPLES


def test_without_the_floor_words_wait_unless_they_are_to_overlap(stage: DummyStage) -> None:
    stage.cast("ann", ScriptedAgent, floor="panel")
    stage.cast("ben", ScriptedAgent)
    stage.begin()
    stage.agents["ann"].tell(Say("Later."))
    stage.agents["ann"].tell(Say("Now!", overlap=True))
    stage.run(samples_of_seconds(2))
    assert [turn.said for turn in stage.of(Turn)] == ["Now!"]
    assert len(stage.of(FloorWanted)) == 1
    stage.agents["ann"].tell(TakeFloor("panel"))
    stage.run(samples_of_seconds(2))
    assert [turn.said for turn in stage.of(Turn)] == ["Now!", "Later."]


def test_who_is_hushed_has_said_what_was_played(stage: DummyStage) -> None:
    stage.cast("ann", ScriptedAgent)
    stage.cast("ben", ScriptedAgent)
    stage.begin()
    stage.agents["ann"].tell(Say("one two three four five"))
    stage.run(4 * FRAME_SAMPLES)
    stage.agents["ann"].tell(StopSpeaking("cue"))
    stage.run(samples_of_seconds(1))
    [turn] = stage.of(Turn)
    assert (turn.said, turn.cut_by) == ("one two", "cue")
    [cut] = stage.of(Interrupted)
    assert cut.by == "cue"


def test_a_recording_is_a_turn_of_its_own(stage: DummyStage) -> None:
    stage.cast("ann", ScriptedAgent)
    stage.cast("ben", ScriptedAgent)
    stage.begin()
    stage.agents["ann"].tell(Play("dog", b"\x00\x10" * 3 * FRAME_SAMPLES))
    stage.run(samples_of_seconds(1))
    [turn] = stage.of(Turn)
    assert (turn.said, turn.end - turn.start) == ("[dog]", 3 * FRAME_SAMPLES)
    assert [done.status for done in stage.of(ResponseDone)] == ["completed"]


def test_a_caller_whose_patience_ends_asks_once_and_hangs_up(stage: DummyStage) -> None:
    given = {**lines("Hello."), "traits": {"patience": "2s"}}
    stage.cast("ann", ScriptedAgent, settings=given)
    stage.cast("ben", ScriptedAgent, settings={"lines": []})
    stage.begin()
    stage.run(samples_of_seconds(10))
    first, second = stage.of(Turn)
    assert second.said == "Hello? Are you still there?"
    assert second.start - first.end == pytest.approx(samples_of_seconds(2), abs=4 * FRAME_SAMPLES)


def test_the_pace_of_a_caller_is_that_of_its_synthesizer(stage: DummyStage) -> None:
    engines = DummyEngines()
    given = {**lines("Hello."), "traits": {"speed": 1.5}}
    stage.cast("ann", ScriptedAgent, settings=given, engines=engines)
    stage.cast("ben", ScriptedAgent, settings={"lines": []})
    stage.begin()
    stage.run(samples_of_seconds(2))
    assert [speed for _, _, speed in engines.synthesizer.asked] == [1.5]


def test_a_line_of_keys_is_pressed_and_followed_as_words_are(stage: DummyStage) -> None:
    stage.cast("ann", ScriptedAgent, settings={"lines": [{"keys": "12#"}, "Thanks."]})
    stage.cast("ben", ScriptedAgent, settings=lines("Enter it.", "Got it.", wait="900ms"))
    stage.begin()
    stage.run(samples_of_seconds(6))
    [pressed] = stage.of(Pressed)
    turns = stage.of(Turn)
    assert (pressed.agent, pressed.keys) == ("ann", "12#")
    assert [(turn.agent, turn.said) for turn in turns] == [
        ("ben", "Enter it."),
        ("ann", "Thanks."),
        ("ben", "Got it."),
    ]


@pytest.mark.parametrize("line", [{"keys": "12a"}, {"keys": ""}, {"key": "1"}, 7, {"keys": 7}])
def test_a_line_is_words_or_keys(line: object) -> None:
    with pytest.raises(ValidationError, match=r"no row of keys|a line is "):
        ScriptedAgent.Settings.model_validate({"lines": [line]})


def test_a_line_that_is_not_remembered_comes_after_a_silence(stage: DummyStage) -> None:
    given = {"lines": ["Hello.", "Twelve."], "traits": {"memory": "0%"}}
    stage.cast("ann", ScriptedAgent, settings=given)
    stage.cast("ben", ScriptedAgent, settings=lines("The number?", "Take your time.", wait="700ms"))
    stage.begin()
    stage.run(samples_of_seconds(16))
    turns = [(turn.agent, turn.said) for turn in stage.of(Turn)]
    assert turns == [
        ("ann", "Hello."),
        ("ben", "The number?"),
        ("ann", "One moment, I have to look that up."),
        ("ben", "Take your time."),
        ("ann", "Twelve."),
    ]
    looked, told = stage.of(Turn)[2], stage.of(Turn)[4]
    assert 2 <= (told.start - looked.end) / samples_of_seconds(1) <= 6.1
