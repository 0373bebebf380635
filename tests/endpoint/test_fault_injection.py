"""Sessions in which something goes wrong on purpose."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest
from dummy_caller import Line
from dummy_language_model import DummyLanguageModel
from dummy_requests import WEATHER
from msgspec import structs

from soundstage.endpoint import CallPlan, LocalSettings, ScriptedResponder, SessionNumbers
from soundstage.endpoint.fault_injection import answer_delay, faults_of, refused_by
from soundstage.endpoint.replies.faulty_responder import FaultyResponder
from soundstage.seeds import Seeds
from soundstage.units import samples_of_ms

WORDS = "One two three four."
RULES = [{"heard": "weather", "call": [{"tool": "weather", "args": {"city": "Rome"}}]}]


def plan(*faults: dict[str, Any], **local: Any) -> CallPlan:
    settings = LocalSettings.model_validate({"faults": faults, **local})
    return CallPlan(local=settings, stream=partial(Seeds(1).stream, "bob"))


def line(*faults: dict[str, Any], heard: tuple[str, ...] = (), **local: Any) -> Line:
    local = {"otherwise": WORDS, **local}
    call_plan = plan(*faults, **local)
    responder = FaultyResponder(ScriptedResponder(call_plan.local), call_plan)
    return Line({**local, "faults": faults}, heard=heard, responder=responder)


def answered(*faults: dict[str, Any], times: int = 2) -> list[dict[str, Any]]:
    """The responses of a session, one after the other."""
    call = line(*faults)
    for _ in range(times):
        call.prompt()
        call.tick(count=20)
    return call.responses()


def test_the_nth_response_fails_with_the_reason_that_is_asked_for():
    fault = {"kind": "failed", "nth": 2, "code": "rate_limit_exceeded", "message": "Slow down."}
    first, second, third = answered(fault, times=3)
    assert [first["status"], second["status"], third["status"]] == [
        "completed",
        "failed",
        "completed",
    ]
    error = second["status_details"]["error"]
    assert (error["code"], error["message"]) == ("rate_limit_exceeded", "Slow down.")


@pytest.mark.parametrize(
    ("kind", "reason"), [("incomplete", "max_output_tokens"), ("filtered", "content_filter")]
)
def test_a_response_breaks_off_in_the_middle(kind, reason):
    broken, whole = answered({"kind": kind, "nth": 1})
    assert broken["status_details"] == {"type": "incomplete", "reason": reason}
    assert broken["output"][0]["content"][0]["transcript"] == "One two"
    assert whole["status"] == "completed"


def test_a_model_breaks_off_too():
    call_plan = plan({"kind": "incomplete"})
    llm = ScriptedResponder(
        LocalSettings.model_validate({"chat": {"url": "http://a", "model": "m"}}),
        DummyLanguageModel(["One two ", "three four."]),
    )
    call = Line({}, responder=FaultyResponder(llm, call_plan))
    call.prompt()
    call.tick(count=20)
    assert call.said() == ["One two"]


def test_a_tool_is_called_with_half_its_arguments():
    call = line({"kind": "cut_arguments"}, heard=("What is the weather?",), rules=RULES)
    call.send("session.update", session={"type": "realtime", "tools": [WEATHER]})
    call.speak()
    call.tick(count=20)
    (response,) = call.responses()
    assert response["status"] == "completed"
    assert response["output"][0]["arguments"] == '{"city":'


def test_a_response_takes_longer():
    call = line({"kind": "slow_response", "nth": 2, "delay": "600ms"})
    call.prompt()
    call.tick(count=20)
    call.prompt()
    call.tick(count=20)
    assert len(call.responses()) == 1
    call.tick(count=20)
    assert len(call.responses()) == 2


def test_an_event_is_cut_in_the_middle():
    sent: list[bytes] = []
    call = line({"kind": "malformed", "event": "response.done", "nth": 1})
    call.session._sender._send = sent.append
    call.prompt()
    call.tick(count=20)
    call.prompt()
    call.tick(count=20)
    broken = [raw for raw in sent if raw.startswith(b'{"type":"response.done"')]
    with pytest.raises(ValueError, match=r"Unterminated|Expecting|delimiter"):
        json.loads(broken[0])
    assert json.loads(broken[1])["type"] == "response.done"


def transcripts(*faults: dict[str, Any]) -> list[str]:
    heard = ("One.", "Two.", "Three.")
    call = line(*faults, heard=heard)
    for _ in heard:
        call.speak()
        call.tick(count=20)
    done = "conversation.item.input_audio_transcription.completed"
    return [event["transcript"] for event in call.events if event["type"] == done]


def test_what_was_said_is_told_twice():
    fault = {"kind": "duplicate_transcription", "nth": 2}
    assert transcripts(fault) == ["One.", "Two.", "Two.", "Three."]


def test_what_was_said_is_told_after_what_was_said_next():
    assert transcripts({"kind": "late_transcription", "nth": 1}) == ["Two.", "One.", "Three."]


def test_a_session_expires_early():
    call = line({"kind": "expire", "after": "100ms"})
    call.tick(count=5)
    assert not call.session.closed
    call.tick(count=2)
    assert call.session.closed
    assert call.last("error")["error"]["code"] == "session_expired"


def test_a_connection_is_dropped_some_time_into_a_response():
    call = line({"kind": "drop", "nth": 1, "after": "100ms", "what": "channel"})
    call.tick(count=20)
    assert call.session.dropped == ""
    call.prompt()
    call.tick(count=7)
    assert call.session.dropped == "channel"
    before = len(call.events)
    call.prompt()
    call.tick(count=20)
    assert len(call.events) == before


def test_a_fault_is_for_the_session_that_it_names():
    made = plan({"kind": "refuse", "status": 429, "session": 2}, {"kind": "failed"})
    numbering = SessionNumbers()
    plans = [numbering.number(made) for _ in range(3)]
    assert [each.number for each in plans] == [1, 2, 3]
    assert [refused_by(each) is not None for each in plans] == [False, True, False]
    assert all(faults_of(each, "failed") for each in plans)


def test_tables_are_numbered_apart_and_only_those_with_faults():
    first, second, plain = plan({"kind": "failed"}), plan({"kind": "failed"}), plan()
    numbering = SessionNumbers()
    assert [numbering.number(each).number for each in (first, second, plain, plain)] == [1] * 4
    assert len(numbering._begun) == 2


def test_delays_of_the_answer_add_up():
    slow = {"kind": "slow_answer", "delay": "300ms"}
    assert answer_delay(plan(slow, slow)) == samples_of_ms(600)
    other = structs.replace(plan({**slow, "session": 1}), number=2)
    assert answer_delay(other) == 0
