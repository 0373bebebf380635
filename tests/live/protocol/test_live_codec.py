"""Strict with what clients send, patient with what servers send; nothing raises anything else."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundstage.errors import ClientFault
from soundstage.live import client_events, decode_client, encode, read_server, server_events
from soundstage.realtime import Unknown

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
CLIENT_TYPES = [each.__struct_config__.tag for each in client_events.ClientEvent.__args__]
SERVER_TYPES = [each.__struct_config__.tag for each in server_events.ServerEvent.__args__]
NAMES = ["event_id", "session", "audio", "content", "delegation_id", "item", "item_id", "event"]
OF_SERVER = ["event_id", "session", "delta", "start_ms", "end_ms", "error", "usage", "delegation"]


def fault_of(event: object) -> tuple[str, str | None]:
    with pytest.raises(ClientFault) as caught:
        decode_client(event if isinstance(event, str) else json.dumps(event))
    return caught.value.code, caught.value.param


def test_faults_have_the_codes_and_paths_of_realtime() -> None:
    append = {"type": "session.commentary.append", "content": "Hi."}
    assert fault_of("{") == ("invalid_json", None)
    assert fault_of("[]") == ("invalid_event", None)
    assert fault_of({}) == ("invalid_event", "type")
    assert fault_of({"type": "response.cancel"}) == ("invalid_value", "type")
    assert fault_of({"type": "session.close", "now": 1}) == ("unknown_parameter", "now")
    assert fault_of(append) == ("missing_required_parameter", "delegation_id")
    assert fault_of({**append, "delegation_id": 1}) == ("invalid_type", "delegation_id")
    dtmf = {"type": "transport.dtmf.send", "event": "E"}
    assert fault_of(dtmf) == ("invalid_value", "event")


def test_a_delegation_may_be_null_and_not_absent() -> None:
    event = decode_client(
        '{"type": "session.thinking.append", "content": "x", "delegation_id": null}'
    )
    assert isinstance(event, client_events.ThinkingAppend)
    assert event.delegation_id is None


def test_a_fault_names_the_event_that_it_is_of() -> None:
    with pytest.raises(ClientFault) as caught:
        decode_client('{"type": "session.start", "event_id": "mine"}')
    assert caught.value.event_id == "mine"


def test_an_unknown_event_of_a_server_is_kept_as_it_came() -> None:
    raw = '{"type": "session.moved", "event_id": "e"}'
    assert read_server(raw).event == Unknown("session.moved", raw.encode())


def test_one_odd_field_spoils_no_other() -> None:
    told = read_server(
        '{"type": "session.output_transcript.delta", "event_id": "e", "delta": "Hi.",'
        ' "start_ms": 0.0, "end_ms": "soon"}'
    )
    assert isinstance(told.event, server_events.OutputTranscriptDelta)
    assert (told.event.delta, told.event.start_ms, told.event.end_ms) == ("Hi.", 0, 0)
    assert told.odd == ("start_ms", "end_ms")


@given(st.sampled_from(CLIENT_TYPES), st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_whatever_a_client_sends_is_an_event_or_a_fault(kind: str, fields: dict) -> None:
    with contextlib.suppress(ClientFault):
        event = decode_client(json.dumps({"type": kind, **fields}))
        assert decode_client(encode(event)) == event


@given(st.sampled_from(SERVER_TYPES), st.dictionaries(st.sampled_from(OF_SERVER), VALUES))
def test_whatever_a_server_sends_is_read(kind: str, fields: dict) -> None:
    event = read_server(json.dumps({"type": kind, **fields})).event
    assert isinstance(event, Unknown) or read_server(encode(event)).event == event


@given(st.binary(max_size=64))
def test_bytes_that_are_no_event_are_kept_or_refused(raw: bytes) -> None:
    assert isinstance(read_server(raw).event, Unknown)
    with pytest.raises(ClientFault):
        decode_client(raw)
