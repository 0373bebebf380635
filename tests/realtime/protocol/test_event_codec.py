"""Between JSON and events: nothing is lost, nothing raises on the client's side."""

from __future__ import annotations

import contextlib
import json
from typing import get_args

import pytest
from dummy_samples import CLIENT_EVENTS, SERVER_EVENTS
from dummy_values import anything
from hypothesis import given
from hypothesis import strategies as st

from soundstage.realtime import (
    ClientEvent,
    ClientFault,
    ServerEvent,
    Unknown,
    decode_client,
    decode_server,
    encode,
    server_events,
)


def kind(sample) -> str:
    return sample["type"]


def fault_of(event) -> tuple[str, str | None]:
    text = event if isinstance(event, str | bytes) else json.dumps(event)
    with pytest.raises(ClientFault) as caught:
        decode_client(text)
    return caught.value.code, caught.value.param


def message(role="user", **fields):
    item = {"type": "message", "role": role, "content": [], **fields}
    return {"type": "conversation.item.create", "item": item}


def test_the_samples_show_every_event_of_both_sides():
    def tags(union):
        return {event.__struct_config__.tag for event in get_args(union)}

    assert {kind(sample) for sample in SERVER_EVENTS} == tags(ServerEvent)
    assert {kind(sample) for sample in CLIENT_EVENTS} == tags(ClientEvent)
    assert (len(tags(ServerEvent)), len(tags(ClientEvent))) == (45, 11)


@pytest.mark.parametrize("sample", SERVER_EVENTS, ids=kind)
def test_a_server_event_comes_back_as_it_was(sample):
    event = decode_server(json.dumps(sample))
    assert not isinstance(event, Unknown)
    again = json.loads(encode(event))
    # A response is always reported in full, its nulls included.
    assert again == sample


@pytest.mark.parametrize("sample", CLIENT_EVENTS, ids=kind)
def test_a_client_event_comes_back_as_it_was(sample):
    assert json.loads(encode(decode_client(json.dumps(sample)))) == sample


def test_an_event_of_an_unknown_type_is_kept_as_it_came():
    raw = b'{"type":"response.sung","response":{"id":"resp_1"},"notes":[1]}'
    assert decode_server(raw) == Unknown("response.sung", raw)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '"x"', '{"type":3}', b"\xff", "\ud800", '{"a":' + "[" * 5000]
)
def test_what_is_no_event_is_unknown_without_a_type(text):
    raw = text.encode(errors="surrogatepass") if isinstance(text, str) else text
    assert decode_server(text) == Unknown("", raw)


def test_an_event_without_the_id_of_what_it_is_about_is_unknown_with_its_type():
    for response in ({"output": []}, {"id": None}, {"id": [7]}, 7, None):
        raw = json.dumps({"type": "response.done", "response": response}).encode()
        found = decode_server(raw)
        assert found == Unknown("response.done", raw) or found.response.id == "[7]"


def test_unknown_fields_do_not_hide_an_event():
    event = decode_server('{"type":"input_audio_buffer.cleared","event_id":"event_1","new":{}}')
    assert event == server_events.InputAudioBufferCleared(event_id="event_1")


def test_an_item_of_an_unknown_type_does_not_hide_its_event():
    item = {"id": "item_1", "type": "daydream", "depth": 3}
    event = decode_server(
        json.dumps({"type": "conversation.item.retrieved", "event_id": "e", "item": item})
    )
    assert isinstance(event, server_events.ConversationItemRetrieved)
    assert event.item.type == "daydream"


@given(st.binary() | st.text())
def test_decoding_a_servers_text_never_raises(text):
    decode_server(text)


@given(st.sampled_from(CLIENT_EVENTS), st.data())
def test_decoding_a_clients_text_raises_nothing_but_client_faults(sample, data):
    event = json.loads(json.dumps(sample))
    inner = event.get("item", event)
    key = data.draw(st.sampled_from(sorted(inner)))
    inner[key] = data.draw(anything)
    with contextlib.suppress(ClientFault):
        encode(decode_client(json.dumps(event)))


@pytest.mark.parametrize(
    ("event", "code", "param"),
    [
        ("{", "invalid_json", None),
        (b"\xff", "invalid_json", None),
        ("\ud800", "invalid_json", None),
        ('{"a":' * 5000, "invalid_json", None),
        ("[]", "invalid_event", None),
        ({}, "invalid_event", "type"),
        ({"type": 7}, "invalid_type", "type"),
        ({"type": "response.sing"}, "invalid_value", "type"),
        ({"type": "response.done"}, "invalid_value", "type"),
        ({"type": "response.cancel", "event_id": 7}, "invalid_type", "event_id"),
        ({"type": "response.cancel", "event_id": "x" * 513}, "invalid_value", "event_id"),
        ({"type": "response.cancel", "now": True}, "unknown_parameter", "now"),
        ({"type": "session.update"}, "missing_required_parameter", "session"),
        ({"type": "session.update", "session": None}, "invalid_type", "session"),
        ({"type": "conversation.item.delete"}, "missing_required_parameter", "item_id"),
        ({"type": "conversation.item.create", "item": 7}, "invalid_type", "item"),
        (
            {"type": "conversation.item.create", "item": {}},
            "missing_required_parameter",
            "item.type",
        ),
        (message(type="song"), "invalid_value", "item.type"),
        (message(type="item_reference"), "invalid_value", "item.type"),
        (message(role="robot"), "invalid_value", "item.role"),
        (message(mood="glad"), "unknown_parameter", "item.mood"),
        (message(content=None), "invalid_type", "item.content"),
        (message(content=[7]), "invalid_type", "item.content[0]"),
        (message(content=[{}]), "missing_required_parameter", "item.content[0].type"),
        (message(content=[{"type": "text", "text": ""}]), "invalid_value", "item.content[0].type"),
        (
            message("system", content=[{"type": "input_audio"}]),
            "invalid_value",
            "item.content[0].type",
        ),
        (
            message(content=[{"type": "input_text", "text": "a"}, {"type": "input_text"}]),
            "missing_required_parameter",
            "item.content[1].text",
        ),
        (
            message("assistant", content=[{"type": "output_text", "text": "a", "transcript": "b"}]),
            "unknown_parameter",
            "item.content[0].transcript",
        ),
        (
            message(content=[{"type": "input_text", "text": 7}]),
            "invalid_type",
            "item.content[0].text",
        ),
        ({"type": "response.create", "response": 7}, "invalid_type", "response"),
        (
            {
                "type": "conversation.item.create",
                "item": {"type": "function_call_output", "call_id": "x" * 33, "output": ""},
            },
            "invalid_value",
            "item.call_id",
        ),
    ],
)
def test_a_fault_names_its_code_and_the_field(event, code, param):
    assert fault_of(event) == (code, param)


def test_a_fault_names_the_event_that_it_is_in():
    with pytest.raises(ClientFault) as caught:
        decode_client('{"type":"conversation.item.delete","event_id":"event_7"}')
    assert caught.value.event_id == "event_7"
