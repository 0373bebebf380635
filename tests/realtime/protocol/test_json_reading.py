"""What msgspec refuses of a client is told in the protocol's words, by structure."""

from __future__ import annotations

import copy
import json
from typing import Annotated, Literal, get_args

import msgspec
import pytest
from dummy_samples import CLIENT_EVENTS, SESSION
from dummy_values import anything
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct, inspect

from soundstage.errors import ClientFault
from soundstage.realtime.protocol import json_reading
from soundstage.realtime.protocol.client_events import ClientEvent
from soundstage.realtime.protocol.items import Item
from soundstage.realtime.protocol.json_reading import object_in, read, text_in
from soundstage.realtime.protocol.session_fields import (
    ResponseFields,
    SessionFields,
    TranscriptionFields,
)

TOKENS = "an integer or a string or null"


class Inner(Struct, forbid_unknown_fields=True):
    pace: Annotated[float, Meta(ge=0.25, le=1.5)] = 1.0
    mood: Literal["calm", "brisk"] = "calm"
    names: list[str] = []
    notes: Annotated[dict[Annotated[str, Meta(max_length=3)], str], Meta(max_length=2)] = {}
    tokens: Annotated[int, Meta(ge=1)] | Literal["inf"] | None = None


class Outer(Struct):
    inner: Inner


def fault(value, root=""):
    with pytest.raises(ClientFault) as caught:
        read(value, Outer, root)
    return caught.value


@pytest.mark.parametrize(
    ("value", "code", "param", "message"),
    [
        ({}, "missing_required_parameter", "inner", "Missing required parameter: 'inner'."),
        (
            {"inner": 7},
            "invalid_type",
            "inner",
            "Invalid type for 'inner': expected an object, but got an integer instead.",
        ),
        (
            {"inner": {"tune": 1}},
            "unknown_parameter",
            "inner.tune",
            "Unknown parameter: 'inner.tune'.",
        ),
        (
            {"inner": {"pace": None}},
            "invalid_type",
            "inner.pace",
            "Invalid type for 'inner.pace': expected a number, but got null instead.",
        ),
        (
            {"inner": {"pace": True}},
            "invalid_type",
            "inner.pace",
            "Invalid type for 'inner.pace': expected a number, but got a boolean instead.",
        ),
        (
            {"inner": {"pace": 9}},
            "invalid_value",
            "inner.pace",
            "Invalid 'inner.pace': expected a value <= 1.5, but got 9 instead.",
        ),
        (
            {"inner": {"mood": "cross"}},
            "invalid_value",
            "inner.mood",
            "Invalid value: 'cross'. Supported values are: 'brisk', 'calm'.",
        ),
        (
            {"inner": {"names": ["a", 7]}},
            "invalid_type",
            "inner.names[1]",
            "Invalid type for 'inner.names[1]': expected a string, but got an integer instead.",
        ),
        (
            {"inner": {"notes": {"long": "x"}}},
            "invalid_value",
            "inner.notes",
            "Invalid 'inner.notes': expected at most 3 characters, but got 4 instead.",
        ),
        (
            {"inner": {"notes": {"a": "", "b": "", "c": ""}}},
            "invalid_value",
            "inner.notes",
            "Invalid 'inner.notes': expected at most 2 keys, but got 3 instead.",
        ),
        (
            {"inner": {"notes": {"a": []}}},
            "invalid_type",
            "inner.notes.a",
            "Invalid type for 'inner.notes.a': expected a string, but got an array instead.",
        ),
        (
            {"inner": {"tokens": 0.5}},
            "invalid_type",
            "inner.tokens",
            f"Invalid type for 'inner.tokens': expected {TOKENS}, but got a number instead.",
        ),
        (
            {"inner": {"tokens": "many"}},
            "invalid_value",
            "inner.tokens",
            "Invalid value: 'many'. Supported values are: 'inf'.",
        ),
    ],
)
def test_a_fault_has_the_protocols_code_path_and_words(value, code, param, message):
    found = fault(value)
    assert (found.code, found.param, str(found)) == (code, param, message)


def test_the_path_begins_at_what_was_read():
    assert fault({"inner": {"pace": 9}}, "session").param == "session.inner.pace"
    assert fault({}, "session").param == "session.inner"


def test_a_kind_is_chosen_by_its_tag():
    path = "session.audio.input.turn_detection"

    def refused(detection):
        given = {"audio": {"input": {"turn_detection": detection}}}
        with pytest.raises(ClientFault) as caught:
            read(given, SessionFields, "session")
        return caught.value.code, caught.value.param

    assert refused({}) == ("missing_required_parameter", f"{path}.type")
    assert refused({"type": 1}) == ("invalid_type", f"{path}.type")
    assert refused({"type": "psychic"}) == ("invalid_value", f"{path}.type")
    null = {"type": "server_vad", "create_response": None}
    assert refused(null) == ("invalid_type", f"{path}.create_response")
    assert refused({"type": "semantic_vad", "threshold": 1}) == (
        "unknown_parameter",
        f"{path}.threshold",
    )


def test_what_is_quoted_of_a_client_is_bounded():
    found = fault({"inner": {"mood": "x" * 10_000}})
    assert len(str(found)) < 200


RESPONSE = {
    "conversation": "none",
    "input": [{"type": "item_reference", "id": "item_1"}],
    "metadata": {"topic": "x"},
    "tools": [{"type": "function", "name": "weather", "parameters": {"type": "object"}}],
    "tool_choice": {"type": "function", "name": "weather"},
    "max_output_tokens": 7,
    "reasoning": {"effort": "low"},
    "audio": {"output": {"voice": {"id": "voice_1"}, "format": {"type": "audio/pcmu"}}},
}
KNOWN = {
    name: value for name, value in SESSION.items() if name not in ("object", "id", "expires_at")
}
SHAPES = [
    (SessionFields, KNOWN),
    (TranscriptionFields, {"type": "transcription", "audio": {"input": KNOWN["audio"]["input"]}}),
    (ResponseFields, RESPONSE),
    *[
        (kind, sample)
        for kind in get_args(ClientEvent)
        for sample in CLIENT_EVENTS
        if kind.__struct_config__.tag == sample["type"]
    ],
    *[(Item, sample["item"]) for sample in CLIENT_EVENTS if "item" in sample],
]


@st.composite
def bent(draw):
    """A right value and its type, with a part of it taken out, put in, or replaced."""
    shape, made = copy.deepcopy(draw(st.sampled_from(SHAPES)))
    place = made
    while True:
        inner = [value for value in place.values() if isinstance(value, dict)]
        if not inner or draw(st.booleans()):
            break
        place = draw(st.sampled_from(inner))
    odd = anything | st.sampled_from([10**9, -1, 1.5, "inf", "auto", {"type": "function"}])
    match draw(st.sampled_from(["take out", "put in", "replace"])) if place else "put in":
        case "take out":
            del place[draw(st.sampled_from(sorted(place)))]
        case "replace":
            place[draw(st.sampled_from(sorted(place)))] = draw(odd)
        case _:
            place[draw(st.sampled_from(["made_up", "type", "rate", "voice"]))] = draw(odd)
    return shape, made


@given(bent())
def test_a_value_has_a_fault_exactly_where_msgspec_refuses_it(case):
    """So no word of msgspec's is needed to know what is wrong, in any version of it."""
    shape, value = case
    try:
        wanted = msgspec.convert(value, shape)
    except msgspec.ValidationError:
        found = json_reading._fault(value, inspect.type_info(shape), "it")
        assert found is not None, json.dumps(value)
        assert found.param is not None
        assert found.param.startswith("it")
    else:
        assert read(value, shape) == wanted
        assert json_reading._fault(value, inspect.type_info(shape), "it") is None


@pytest.mark.parametrize("value", [None, [], 3, "x", True])
def test_what_is_no_object_is_read_as_an_empty_one(value):
    assert object_in(value) == {}


def test_an_object_and_a_text_are_themselves():
    assert object_in({"a": 1}) == {"a": 1}
    assert text_in("a") == "a"
    assert text_in(3) == ""
