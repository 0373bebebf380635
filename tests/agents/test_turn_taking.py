"""When a reply is asked for, where the agent decides that."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from soundstage.agent import Agent, AgentIdentity
from soundstage.messages import TakeFloor
from soundstage.messages.events import (
    AgentSpeechStarted,
    HeardText,
    Listening,
    ResponseDone,
    ResponseStarted,
)
from soundstage.units import samples_of_ms
from soundstage_agents._turn_taking import (
    COMMITS_AFTER,
    PLAYS_WITHIN,
    WRITES_WITHIN,
    Ask,
    Pass,
    TurnTaking,
)
from soundstage_agents.realtime import RealtimeAgent

SILENCE = samples_of_ms(500)
SECOND = 24_000


def turns(*, floor: str = "", labels: bool = False, **detection: Any) -> TurnTaking:
    settings = RealtimeAgent.Settings.model_validate({"turn_detection": detection})
    identity = AgentIdentity(
        name="chair",
        settings=settings,
        hears=("ada", "ben"),
        floor=floor,
        labels=labels,
    )
    return TurnTaking(replace(Agent.bare().context, identity=identity), settings.turn_detection)


def listening(at: int, item: str = "i1", *, on: bool) -> Listening:
    return Listening(pts=at, agent="chair", on=on, item=item, at=at)


def heard(text: str, item: str = "i1", speaker: str = "ada") -> HeardText:
    return HeardText(pts=0, agent="chair", speaker=speaker, text=text, start=0, end=1, item=item)


def turn(taking: TurnTaking, text: str | None = None, at: int = SECOND) -> None:
    taking.follow(listening(at - SECOND, on=True))
    taking.follow(listening(at, on=False))
    if text is not None:
        taking.follow(heard(text))


def decide(taking: TurnTaking, now: int, *, busy: bool = False, holds: bool = False) -> object:
    return taking.decide(now, busy=busy, holds=holds)


def test_a_plain_session_decides_for_itself() -> None:
    taking = turns()
    assert not taking.decides
    assert taking.wire == {}
    turn(taking, "Hello.")
    assert decide(taking, 2 * SECOND) is None


@pytest.mark.parametrize(
    ("given", "off"),
    [
        ({"floor": "panel"}, {"create_response": False}),
        ({"labels": True}, {"create_response": False}),
        ({"backchannel": "400ms"}, {"create_response": False, "interrupt_response": False}),
    ],
)
def test_what_the_agent_decides_the_session_is_told_not_to(given: Any, off: Any) -> None:
    assert turns(**given).wire == off


def test_with_labels_a_turn_is_answered_once_it_is_written_down() -> None:
    taking = turns(labels=True)
    turn(taking)
    assert decide(taking, SECOND) is None
    taking.follow(heard("It should be free."))
    assert decide(taking, SECOND) == Ask(commit=False, labels='Ada said: "It should be free."')
    assert decide(taking, SECOND) is None


def test_words_that_do_not_come_are_not_waited_for_long() -> None:
    taking = turns(labels=True)
    turn(taking)
    taking.note_speaker("i1", "ben")
    assert decide(taking, SECOND + WRITES_WITHIN - 1) is None
    assert decide(taking, SECOND + WRITES_WITHIN) == Ask(commit=False, labels="Ben spoke.")


def test_a_speaker_that_goes_on_is_not_answered_yet() -> None:
    taking = turns(backchannel="400ms")
    turn(taking)
    taking.follow(listening(SECOND, "i2", on=True))
    assert decide(taking, 2 * SECOND) is None
    taking.follow(listening(3 * SECOND, "i2", on=False))
    assert decide(taking, 3 * SECOND) == Ask(commit=False, labels="")


def test_a_session_that_is_to_make_no_replies_makes_none() -> None:
    taking = turns(labels=True, create_response=False)
    turn(taking, "Hello.")
    assert decide(taking, 2 * SECOND) is None


def test_with_a_floor_a_turn_alone_is_no_reason_to_speak() -> None:
    taking = turns(floor="panel")
    turn(taking, "Hello.")
    assert decide(taking, 2 * SECOND) is None


def test_a_floor_is_used_once_the_turn_before_has_been_heard_to_its_end() -> None:
    taking = turns(floor="panel")
    taking.follow(listening(0, on=True))
    taking.take_floor(TakeFloor("panel", "ada", SECOND), SECOND)
    assert decide(taking, SECOND + SILENCE - 1, holds=True) is None
    taking.follow(listening(SECOND + SILENCE, on=False))
    assert decide(taking, SECOND + SILENCE, holds=True) == Ask(commit=False, labels="")


def test_a_turn_that_is_never_noticed_is_committed_in_the_end() -> None:
    taking = turns(floor="panel")
    taking.take_floor(TakeFloor("panel", "ada", SECOND), SECOND)
    late = SECOND + SILENCE + COMMITS_AFTER
    assert decide(taking, late - 1, holds=True) is None
    assert decide(taking, late, holds=True) == Ask(commit=True, labels="")


def test_where_nothing_detects_turns_the_agent_commits_at_once() -> None:
    taking = turns(floor="panel", type="none")
    taking.take_floor(TakeFloor("panel", "ada", SECOND), SECOND)
    assert decide(taking, SECOND, holds=True) == Ask(commit=True, labels="")


@pytest.mark.parametrize("after", ["", "an agent that it does not hear"])
def test_an_agent_that_answers_no_other_waits_for_none(after: str) -> None:
    taking = turns(floor="panel")
    taking.take_floor(TakeFloor("panel", after, SECOND), SECOND)
    assert decide(taking, SECOND, holds=True) == Ask(commit=False, labels="")


def asked(taking: TurnTaking) -> None:
    taking.take_floor(TakeFloor("panel"), 0)
    assert isinstance(decide(taking, 0, holds=True), Ask)
    taking.follow(ResponseStarted(pts=0, agent="chair", response="r"))


def done(text: str, status: str = "completed") -> ResponseDone:
    return ResponseDone(pts=SECOND, agent="chair", response="r", status=status, text=text)


def test_the_floor_is_passed_on_when_the_reply_has_been_played() -> None:
    taking = turns(floor="panel")
    asked(taking)
    assert decide(taking, SECOND, busy=True, holds=True) is None
    taking.follow(AgentSpeechStarted(pts=SECOND, agent="chair", response="r"))
    taking.follow(done("Ben, please."))
    taking.give_floor("ben")
    assert decide(taking, 2 * SECOND, holds=True) == Pass("ben")
    assert decide(taking, 2 * SECOND, holds=True) is None


def test_a_reply_that_is_made_but_not_played_yet_keeps_the_floor() -> None:
    taking = turns(floor="panel")
    asked(taking)
    taking.follow(done("Ben, please."))
    assert decide(taking, SECOND + PLAYS_WITHIN - 1, holds=True) is None
    assert decide(taking, SECOND + PLAYS_WITHIN, holds=True) == Pass("")


@pytest.mark.parametrize("reply", [done(""), done("Ben", "cancelled")])
def test_a_reply_that_says_nothing_passes_the_floor_on_at_once(reply: ResponseDone) -> None:
    taking = turns(floor="panel")
    asked(taking)
    taking.follow(reply)
    assert decide(taking, SECOND, holds=True) == Pass("")


def test_a_result_that_came_while_another_agent_spoke_is_answered_even_to_a_backchannel() -> None:
    taking = turns(create_response=False)
    taking.owe()
    turn(taking)
    assert decide(taking, 2 * SECOND) == Ask(commit=False, labels="")


def test_a_session_that_answers_by_itself_is_not_asked_for_an_owed_reply() -> None:
    taking = turns()
    taking.owe()
    turn(taking)
    assert decide(taking, 2 * SECOND) is None
