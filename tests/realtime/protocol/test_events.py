"""Every event, whatever is in it, comes back from the wire as it was."""

from __future__ import annotations

from typing import get_args

import pytest
from dummy_values import read, values_of
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from soundstage.realtime import (
    ClientEvent,
    Item,
    Part,
    ServerEvent,
    decode_server,
    encode,
    read_server,
)
from soundstage.realtime import server_events as server


def tag(event) -> str:
    return event.__struct_config__.tag


@pytest.mark.parametrize("event", get_args(ServerEvent), ids=tag)
@settings(max_examples=20)
@given(data=st.data())
def test_a_server_event_makes_the_journey_unharmed(event, data):
    made = data.draw(values_of(event))
    assert decode_server(encode(made)) == made


@pytest.mark.parametrize("event", get_args(ClientEvent), ids=tag)
@settings(max_examples=20)
@given(data=st.data())
def test_a_client_event_makes_the_journey_unharmed(event, data):
    made = data.draw(values_of(event))
    assert read(encode(made), ClientEvent) == made


def test_what_is_absent_stays_absent_and_what_is_null_stays_null():
    left_out = server.InputAudioBufferCommitted(item_id="item_1")
    null = server.InputAudioBufferCommitted(item_id="item_1", previous_item_id=None)
    assert encode(left_out) == b'{"type":"input_audio_buffer.committed","item_id":"item_1"}'
    assert encode(null).endswith(b'"item_id":"item_1","previous_item_id":null}')
    assert read(encode(left_out), ServerEvent).previous_item_id is UNSET


def test_an_event_gets_its_id_when_it_is_sent():
    event = server.InputAudioBufferCleared()
    event.event_id = "event_1"
    assert encode(event) == b'{"type":"input_audio_buffer.cleared","event_id":"event_1"}'


@pytest.mark.parametrize("milliseconds", [2**53 + 1, -(2**53) - 1, 10**400])
def test_a_time_beyond_computing_is_not_taken(milliseconds):
    known = encode(server.SpeechStopped(item_id="item_1", audio_end_ms=77)).decode()
    text = known.replace("77", str(milliseconds))
    found = read_server(text)
    assert (found.event.item_id, found.event.audio_end_ms) == ("item_1", 0)
    assert found.odd == ("audio_end_ms",)


def test_an_item_says_its_words_written_or_spoken():
    parts = [
        Part(type="output_text", text="Hello"),
        Part(type="output_audio", transcript="there."),
        Part(type="input_audio", transcript=None),
    ]
    assert Item(type="message", content=parts).said == "Hello there."
    assert Item(type="function_call").said == ""
