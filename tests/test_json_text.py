"""JSON from outside: read where it can be, refused with a reason where it cannot."""

from __future__ import annotations

import contextlib
import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from soundstage.json_text import DEEPEST, NotJson, is_too_deep, read_json, read_json_as, valid_text

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
)


class Point(Struct):
    x: int


def nested(levels: int, opening: str = "[", closing: str = "]", inner: str = "") -> str:
    return opening * levels + inner + closing * levels


@given(VALUES)
def test_what_is_json_is_read(value: object) -> None:
    assert read_json(json.dumps(value)) == value


@given(st.text() | st.binary())
def test_whatever_is_read_nothing_else_is_raised(text: str | bytes) -> None:
    for read in (read_json, lambda it: read_json_as(it, Point)):
        with contextlib.suppress(NotJson):
            read(text)


def test_a_value_may_have_a_hundred_levels_and_no_more() -> None:
    assert is_too_deep(read_json(nested(DEEPEST))) is False
    for text in (nested(DEEPEST + 1), nested(DEEPEST + 1, '{"a":', "}", "1")):
        with pytest.raises(NotJson, match="more than 100 levels"):
            read_json(text)


@pytest.mark.parametrize("levels", [1_000, 100_000])
@pytest.mark.parametrize("before", ["", '{"x":1,"y":', '{"y":{"z":'])
@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_text_that_is_nested_beyond_what_python_can_read_is_no_json(
    before: str, opening: str, levels: int
) -> None:
    text = before + opening * levels
    with pytest.raises(NotJson):
        read_json(text)
    with pytest.raises(NotJson):
        read_json_as(text, Point)


def test_how_deep_a_value_is_counts_the_same_wherever_it_is_read() -> None:
    def down(calls: int) -> object:
        return down(calls - 1) if calls else read_json(nested(DEEPEST))

    assert down(sys.getrecursionlimit() // 3) == read_json(nested(DEEPEST))


@pytest.mark.parametrize("text", [b'"\xff"', '"\udc80"', '"\\ud800"'])
def test_half_a_character_is_no_json(text: str | bytes) -> None:
    with pytest.raises(NotJson):
        read_json(text)


def test_a_name_that_is_no_utf8_is_made_valid():
    assert valid_text("caf\udce9 \ud83d x \U0001f600") == "caf\ufffd \ufffd x \U0001f600"
