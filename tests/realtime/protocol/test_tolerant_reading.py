"""Servers that nearly speak the protocol: an odd field costs nothing but itself."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from dummy_samples import CALL, FINISHED, RESPONSE, SERVER_EVENTS
from dummy_values import anything
from hypothesis import given
from hypothesis import strategies as st

from soundstage.realtime import Decoded, Part, Unknown, encode, read_server, server_events
from soundstage.realtime.protocol.event_codec import BETA_NAMES

PLACE = {"response_id": "resp_1", "item_id": "item_1", "output_index": 0, "content_index": 0}


def decoded(kind: str, **fields: Any) -> Decoded:
    return read_server(json.dumps({"type": kind, "event_id": "event_1", **fields}))


def done(**fields: Any) -> tuple[Any, tuple[str, ...]]:
    """A finished response with some fields as a server has them, and what of it was odd."""
    found = decoded("response.done", response={**FINISHED, "output": [CALL], **fields})
    assert isinstance(found.event, server_events.ResponseDone)
    return found.event.response, found.odd


@pytest.mark.parametrize("sample", SERVER_EVENTS, ids=lambda sample: sample["type"])
def test_nothing_is_odd_in_what_is_right(sample):
    assert read_server(json.dumps(sample)).odd == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status_details", "unimplemented"),
        ("usage", []),
        ("metadata", {"topic": 7}),
        ("max_output_tokens", {}),
        ("output_modalities", "audio"),
        ("conversation_id", {}),
        ("audio", "marin"),
        ("object", 7),
    ],
)
def test_a_response_keeps_its_words_and_calls_whatever_one_of_its_fields_is(field, value):
    response, odd = done(**{field: value})
    assert (response.id, response.status) == ("resp_1", "completed")
    assert (response.output[0].name, response.output[0].arguments) == (
        CALL["name"],
        CALL["arguments"],
    )
    assert [path.partition("[")[0] for path in odd] in (
        [f"response.{field}"],
        [f"response.{field}.topic"],
    )


def test_an_odd_item_costs_no_other_one():
    response, odd = done(output=[7, {"type": "message", "content": "Hi."}, CALL])
    assert [item.type for item in response.output] == ["message", "function_call"]
    assert odd == ("response.output[0]", "response.output[1].content")


def test_arguments_that_are_an_object_are_the_text_of_it():
    response, odd = done(output=[{**CALL, "arguments": {"city": "Oslo"}}])
    assert json.loads(response.output[0].arguments) == {"city": "Oslo"}
    assert odd == ("response.output[0].arguments",)


def test_a_number_that_is_whole_is_one_however_it_is_written():
    found = decoded("input_audio_buffer.speech_started", item_id="item_1", audio_start_ms=700.0)
    assert found.event.audio_start_ms == 700
    found = decoded("input_audio_buffer.speech_started", item_id="item_1", audio_start_ms=700.5)
    assert (found.event.audio_start_ms, found.odd) == (0, ("audio_start_ms",))


def test_what_must_be_there_and_is_not_is_empty():
    found = decoded("conversation.item.input_audio_transcription.completed", transcript="Hi.")
    assert (found.event.transcript, found.event.item_id, found.event.usage) == ("Hi.", "", {})
    assert found.odd == ("item_id", "content_index", "usage")


def test_an_event_without_the_object_in_it_still_says_what_it_is_about():
    found = decoded("response.content_part.done", **PLACE)
    assert (found.event.item_id, found.event.part, found.odd) == ("item_1", Part(), ("part",))
    found = decoded("response.output_item.done", response_id="resp_1", output_index=0)
    assert (found.event.response_id, found.event.item.type) == ("resp_1", "")


@pytest.mark.parametrize(
    "fields",
    [
        {"message": "Slow down.", "code": "rate_limit_exceeded"},
        {"error": "Slow down.", "code": "rate_limit_exceeded"},
        {"error": None, "message": "Slow down.", "code": "rate_limit_exceeded"},
    ],
    ids=["flat", "text", "null"],
)
def test_an_error_keeps_its_words_whatever_they_stand_in(fields):
    found = decoded("error", **fields)
    assert (found.event.error.message, found.event.error.code) == (
        "Slow down.",
        "rate_limit_exceeded",
    )
    assert found.odd == ("error",)


def test_two_events_share_nothing_that_stands_for_what_is_missing():
    kind = "conversation.item.input_audio_transcription.completed"
    one, other = (decoded(kind, transcript="Hi.").event for _ in range(2))
    one.usage["seconds"] = 1
    assert other.usage == {}


@pytest.mark.parametrize(("old", "new"), BETA_NAMES.items())
def test_an_event_with_its_name_of_the_beta_is_that_of_today(old, new):
    body = {"delta": "Hi"} if old.endswith("delta") else {"text": "Hi", "transcript": "Hi"}
    body["item"] = {"type": "message", "role": "user", "content": [{"text": "Hi"}]}
    found = decoded(old, **PLACE, **body)
    assert found.event.__struct_config__.tag == new
    assert found.odd == ("type",)
    assert "Hi" in encode(found.event).decode() or new == "response.output_audio.done"


def test_a_response_of_the_beta_is_read_with_its_words():
    part = {"type": "audio", "transcript": "Hello."}
    item = {"id": "i", "object": "realtime.item", "type": "message", "role": "assistant"}
    response = {**RESPONSE, "status": "completed", "modalities": ["text", "audio"]}
    found = decoded("response.done", response={**response, "output": [{**item, "content": [part]}]})
    assert (found.event.response.said, found.odd) == ("Hello.", ())


@st.composite
def spoilt(draw):
    """A right event with one value of it, at any depth, replaced, and the path to that."""
    sample = copy.deepcopy(draw(st.sampled_from(SERVER_EVENTS)))
    path: list[Any] = []
    place: Any = sample
    while True:
        keys = (
            [key for key in place if key != "type"]
            if isinstance(place, dict)
            else range(len(place))
        )
        if not keys:
            return sample, path
        key = draw(st.sampled_from(list(keys)))
        path.append(key)
        if not isinstance(place[key], dict | list) or not place[key] or draw(st.booleans()):
            place[key] = draw(anything)
            return sample, path
        place = place[key]


@given(spoilt())
def test_one_odd_value_leaves_all_others_as_they_were(case):
    sample, path = case
    found = read_server(json.dumps(sample))
    if isinstance(found.event, Unknown):
        # Only where the id of a response or of an item is gone, and with it what it is about.
        assert path[-1] in {"id", "response", "item", "part", "error", "conversation", "session"}
        return
    read = json.loads(encode(found.event))
    for key in sample.keys() & read.keys() - {path[0]}:
        assert read[key] == sample[key], key
