from __future__ import annotations

import pytest

from soundstage.realtime.protocol.json_reading import object_in, text_in


@pytest.mark.parametrize("value", [None, 7, "x", [], [("a", 1)]])
def test_what_is_no_object_is_an_empty_one(value):
    assert object_in(value) == {}


@pytest.mark.parametrize("value", [None, 7, b"x", [], {}])
def test_what_is_no_text_is_an_empty_one(value):
    assert text_in(value) == ""


def test_objects_and_texts_are_themselves():
    assert object_in({"a": 1}) == {"a": 1}
    assert text_in("a") == "a"
