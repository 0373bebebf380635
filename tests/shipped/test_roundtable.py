"""Four agents at a table: everyone has a say, and nobody without the floor."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from soundstage.messages import events

if TYPE_CHECKING:
    from soundstage import Run
    from soundstage.pytest_plugin import RunScenario

ROUND_ROBIN = {"rooms.panel.floor": {"policy": "round_robin"}}
BY_TOOL = {
    "agents.chair.local.lines": ["Should the museum charge for entry?"],
    "agents.chair.local.rules": [
        {"heard": "jobs", "say": "I see.", "call": [{"tool": "give_floor", "args": {"to": "cleo"}}]}
    ],
    "end.turns": 4,
}


def spoke_without_the_floor(run: Run) -> list[events.Event]:
    """Every sound that began while its agent did not have the floor."""
    holder, wrong = "", []
    for event in run.events():
        match event:
            case events.FloorGiven():
                holder = event.agent
            case events.FloorPassed() | events.FloorTaken():
                holder = "" if event.agent == holder else holder
            case events.AgentSpeechStarted() | events.VoiceStarted(track="said"):
                if event.agent != holder:
                    wrong.append(event)
            case _:
                pass
    return wrong


def check(run: Run) -> None:
    assert run.outcome == "ended"
    assert all(count >= 2 for count in Counter(turn.agent for turn in run.turns).values())
    assert {turn.agent for turn in run.turns} == {"chair", "ada", "ben", "cleo"}
    assert spoke_without_the_floor(run) == []
    assert run.totals.overlap == 0


def test_the_transcript_reads_as_a_conversation(run_scenario: RunScenario) -> None:
    run = run_scenario("roundtable")
    check(run)
    assert run.reason == "turns"
    order = [turn.agent for turn in run.turns]
    assert order[0::2] == ["chair"] * 7
    for asked, answering in zip(run.turns[0:-1:2], order[1::2], strict=True):
        assert answering.capitalize() in asked.text
    assert not any(turn.interrupted_by for turn in run.turns)
    assert all(0.4 < turn.gap < 1.6 for turn in run.turns if turn.gap is not None)


def test_in_turn_everyone_speaks_and_nobody_at_the_same_time(run_scenario: RunScenario) -> None:
    run = run_scenario("roundtable", set=ROUND_ROBIN)
    check(run)
    assert [turn.agent for turn in run.turns[:5]] == ["chair", "ada", "ben", "cleo", "chair"]


def test_a_chair_may_pass_the_floor_with_a_tool_and_says_nothing_about_it(
    run_scenario: RunScenario,
) -> None:
    run = run_scenario("roundtable", set=BY_TOOL)
    # Nobody is named in the opening, so the next in the circle begins.
    assert [turn.agent for turn in run.turns] == ["chair", "ada", "chair", "cleo"]
    given = list(run.events(events.FloorGiven))
    assert [event.why for event in given][:4] == ["opening", "fallback", "chosen", "passed"]


def test_each_session_is_told_who_said_what(run_scenario: RunScenario) -> None:
    run = run_scenario("roundtable", set={"record.wire": True, "end.turns": 3})
    told = [
        event.event["item"]["content"][0]["text"]
        for event in run.events(events.Wire, agent="chair")
        if event.sent and event.event["type"] == "conversation.item.create"
    ]
    assert told[0] == "Open the discussion and give Ada the word."
    assert told[1].startswith('Ada said: "Visitors spend money')


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("floor", [{}, ROUND_ROBIN], ids=["moderator", "round robin"])
def test_no_seed_stops_the_room(
    run_scenario: RunScenario, seed: int, floor: dict[str, Any]
) -> None:
    check(run_scenario("roundtable", seed=seed, set=floor))


@pytest.mark.prove
@pytest.mark.timeout(2400)
def test_no_seed_of_a_hundred_stops_the_room(run_scenario: RunScenario) -> None:
    for seed in range(100):
        for floor in ({}, ROUND_ROBIN):
            check(run_scenario("roundtable", seed=seed, set=floor))
    print("200 runs of the round table: everyone spoke twice, nobody without the floor")
