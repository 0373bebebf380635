"""Which items a client may send."""

from __future__ import annotations

import pytest
from dummy_samples import CALL, ITEMS, OUTPUT, SYSTEM

from soundstage.errors import ClientFault
from soundstage.realtime.protocol.items import ITEM_SHAPES, read_item


def refused(value, **how) -> tuple[str, str | None]:
    with pytest.raises(ClientFault) as caught:
        read_item(value, "item", **how)
    return caught.value.code, caught.value.param


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item["type"])
def test_every_shape_of_item_is_read(item):
    assert read_item(item, "item").type == item["type"]


@pytest.mark.parametrize("item", [CALL, OUTPUT, SYSTEM], ids=lambda item: item["type"])
def test_an_item_needs_every_field_that_its_shape_demands(item):
    for name in ITEM_SHAPES[item["type"]].required:
        without = {key: value for key, value in item.items() if key != name}
        assert refused(without) == ("missing_required_parameter", f"item.{name}")
        assert refused({**item, name: None}) == ("invalid_type", f"item.{name}")


def test_a_field_of_another_shape_is_unknown():
    assert refused({**OUTPUT, "arguments": "{}"}) == ("unknown_parameter", "item.arguments")


def test_a_reference_is_an_item_only_in_the_input_of_a_response():
    reference = {"type": "item_reference", "id": "item_1"}
    assert read_item(reference, "response.input[0]", may_refer=True).id == "item_1"
    assert refused(reference) == ("invalid_value", "item.type")


def test_the_id_of_a_call_has_32_letters_at_most():
    assert read_item({**OUTPUT, "call_id": "x" * 32}, "item").call_id == "x" * 32
    assert refused({**OUTPUT, "call_id": "x" * 33}) == ("invalid_value", "item.call_id")


@pytest.mark.parametrize("value", [None, 7, "message", []])
def test_what_is_no_object_is_no_item(value):
    assert refused(value) == ("invalid_type", "item")


@pytest.mark.parametrize(
    ("fields", "code", "param"),
    [
        ({"type": 7}, "invalid_type", "item.type"),
        ({"role": "robot"}, "invalid_value", "item.role"),
        ({"status": 7}, "invalid_type", "item.status"),
        ({"content": "Hi."}, "invalid_type", "item.content"),
        ({"content": [{"text": "Hi."}]}, "missing_required_parameter", "item.content[0].type"),
        ({"content": [{"type": "output_text"}]}, "invalid_value", "item.content[0].type"),
    ],
)
def test_a_message_with_a_wrong_field_is_refused(fields, code, param):
    assert refused({**SYSTEM, **fields}) == (code, param)


def test_an_item_without_a_type_is_refused():
    assert refused({"role": "system"}) == ("missing_required_parameter", "item.type")
