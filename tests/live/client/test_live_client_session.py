"""The client's end: what it sends, when, and what it makes of what comes."""

from __future__ import annotations

import json
import random

import pytest
from dummy_live_call import DummyLiveCall
from hypothesis import given
from hypothesis import strategies as st

from soundstage.live import BackendFailed, ClientSession, WorkDelegated
from soundstage.realtime import (
    Compose,
    FunctionCall,
    Ids,
    SessionReady,
    SessionRefused,
    ToolRequested,
    Unknown,
)

WEATHER = {"type": "function", "name": "weather"}
BACKEND = {"type": "responses", "responses": {"model": "gpt-5.6", "tools": [WEATHER]}}
CALL = FunctionCall("weather", "{}")


class Pair:
    """A client and a server, without anything between them."""

    def __init__(self, **session) -> None:
        self.call = DummyLiveCall(session)
        self.client = ClientSession(session, ids=Ids(random.Random(1)))
        self._read = 0
        self.told: list = []
        self.exchange()

    def exchange(self) -> None:
        for event in self.call.events[self._read :]:
            self.told += self.client.receive(json.dumps(event))
        self._read = len(self.call.events)
        for sent in self.client.outgoing():
            self.call.send_raw(sent)

    def tools(self) -> list[ToolRequested]:
        return [each for each in self.told if isinstance(each, ToolRequested)]


def test_nothing_is_sent_before_the_session_has_started_but_its_start() -> None:
    client = ClientSession({"model": "m"}, ids=Ids(random.Random(1)), starts=True)
    client.comment("Hello.")
    assert [json.loads(each)["type"] for each in client.outgoing()] == ["session.start"]
    started = {"type": "session.started", "event_id": "e", "session": {}}
    assert client.receive(json.dumps(started)) == [SessionReady()]
    assert client.receive(json.dumps(started)) == []
    (sent,) = [json.loads(each) for each in client.outgoing()]
    assert (sent["content"], sent["delegation_id"]) == ("Hello.", None)


def test_an_error_before_the_start_is_a_refusal() -> None:
    client = ClientSession({}, ids=Ids(random.Random(1)), starts=True)
    error = {"type": "x", "code": None, "message": "no"}
    assert client.receive(json.dumps({"type": "error", "event_id": "e", "error": error})) == [
        SessionRefused("x", "no")
    ]


def test_tools_are_told_once_and_the_backend_goes_on_after_the_last_answer() -> None:
    pair = Pair(delegation=BACKEND)
    pair.call.ask("How is the weather?")
    pair.call.compose(calls=[CALL, CALL])
    pair.exchange()
    first, second = pair.tools()
    assert pair.client.owes
    pair.client.return_tool(first.call_id, "rain")
    pair.exchange()
    assert len([job for job in pair.call.jobs if isinstance(job, Compose)]) == 1
    pair.client.return_tool(second.call_id, "sun")
    pair.exchange()
    assert len(pair.call.last_job(Compose).outputs) == 2
    assert pair.call.errors() == []
    assert not pair.client.owes


def test_an_answer_waits_until_the_response_with_its_call_is_complete() -> None:
    client = ClientSession({}, ids=Ids(random.Random(1)))

    def respond(kind: str, **fields: object) -> None:
        event = {"type": kind, **fields}
        client.receive(json.dumps({"type": "response.event", "event_id": "e", "event": event}))

    def call(ident: str) -> None:
        item = {"type": "function_call", "call_id": ident, "name": "weather", "arguments": "{}"}
        respond("response.output_item.done", item=item)

    def sent() -> list[str]:
        return [json.loads(event)["type"] for event in client.outgoing()]

    client.receive(json.dumps({"type": "session.started", "event_id": "e", "session": {}}))
    respond("response.created", response={"id": "resp_1"})
    call("call_1")
    client.return_tool("call_1", "rain")
    assert sent() == []
    respond("response.completed", response={"id": "resp_1"})
    assert sent() == ["response.item.create", "response.create"]
    respond("response.created", response={"id": "resp_2"})
    call("call_2")
    client.return_tool("call_2", "rain")
    respond("response.failed", response={"id": "resp_2"})
    assert sent() == []
    assert not client.owes


def test_calls_that_break_off_are_none() -> None:
    pair = Pair(delegation=BACKEND)
    pair.call.ask("How is the weather?")
    pair.call.compose(calls=[CALL], unfinished="max_output_tokens")
    pair.exchange()
    assert pair.tools() == []
    assert any(isinstance(each, BackendFailed) for each in pair.told)


def test_work_for_the_application_is_told_with_its_id() -> None:
    pair = Pair()
    pair.call.ask("How is the weather?")
    pair.call.compose(calls=[CALL])
    pair.exchange()
    (work,) = [each for each in pair.told if isinstance(each, WorkDelegated)]
    pair.client.comment("It rains.", work.delegation)
    pair.exchange()
    pair.call.pause(400)
    assert pair.call.errors() == []
    assert pair.call.of("session.commentary.appended")


def test_typed_words_are_answered() -> None:
    pair = Pair(delegation=BACKEND)
    pair.client.write("Two and two?")
    pair.exchange()
    assert pair.call.last_job(Compose).heard == "Two and two?"


def test_a_closed_session_sends_nothing_more() -> None:
    pair = Pair()
    pair.client.close()
    pair.exchange()
    pair.exchange()
    assert pair.client.closed
    pair.client.comment("Too late.")
    assert pair.client.outgoing() == []


@given(st.binary(max_size=40) | st.text(max_size=40).map(json.dumps))
def test_nothing_a_server_sends_makes_it_raise(raw) -> None:
    client = ClientSession({}, ids=Ids(random.Random(1)))
    (told,) = client.receive(raw)
    assert isinstance(told, Unknown)


@pytest.mark.parametrize("nested", [{}, {"type": 1}, {"type": "response.created"}, {"item": []}])
def test_odd_events_of_a_backend_are_passed_over(nested: dict) -> None:
    client = ClientSession({}, ids=Ids(random.Random(1)))
    event = {"type": "response.event", "event_id": "e", "event": nested}
    assert client.receive(json.dumps(event)) == []
