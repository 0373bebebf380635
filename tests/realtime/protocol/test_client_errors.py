"""From msgspec's words to the protocol's."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
import pytest
from msgspec import Meta, Struct

from soundstage.realtime.protocol.client_errors import fault_of


class Inner(Struct, forbid_unknown_fields=True):
    pace: Annotated[float, Meta(ge=0.25, le=1.5)] = 1.0
    mood: Literal["calm", "brisk"] = "calm"
    names: list[str] = []


class Outer(Struct):
    inner: Inner


def fault(value, root=""):
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(value, Outer)
    found = fault_of(str(caught.value), root)
    return found.code, found.param


@pytest.mark.parametrize(
    ("value", "code", "param"),
    [
        ({}, "missing_required_parameter", "inner"),
        ({"inner": 7}, "invalid_type", "inner"),
        ({"inner": {"tune": 1}}, "unknown_parameter", "inner.tune"),
        ({"inner": {"pace": "fast"}}, "invalid_type", "inner.pace"),
        ({"inner": {"pace": 9}}, "invalid_value", "inner.pace"),
        ({"inner": {"mood": "cross"}}, "invalid_value", "inner.mood"),
        ({"inner": {"names": ["a", 7]}}, "invalid_type", "inner.names[1]"),
    ],
)
def test_a_fault_has_the_protocols_code_and_the_path(value, code, param):
    assert fault(value) == (code, param)


def test_the_path_begins_at_what_was_read():
    assert fault({"inner": {"pace": 9}}, "session") == ("invalid_value", "session.inner.pace")
    assert fault({}, "session") == ("missing_required_parameter", "session.inner")


def test_the_message_is_for_people():
    assert str(fault_of("Expected `int`, got `str` - at `$.speed`")) == (
        "Invalid type for 'speed': expected int, got str."
    )
