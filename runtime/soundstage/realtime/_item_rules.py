"""Which fields each shape of item has, checked where a client sends one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

import msgspec
from msgspec import Struct

from soundstage.realtime._faults import (
    fault_of,
    invalid_choice,
    invalid_type,
    missing_parameter,
    unknown_parameter,
)
from soundstage.realtime._items import Item
from soundstage.realtime._json import object_in

if TYPE_CHECKING:
    from soundstage.realtime._json import Json

_LONGEST_CALL_ID: Final = 32


class Shape(Struct, frozen=True):
    """The fields of one shape: those it must have, and those it may have beside `type`."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


ITEM_SHAPES: Final = {
    "message": Shape(("role", "content"), ("id", "object", "status")),
    "function_call": Shape(("name", "arguments"), ("id", "object", "status", "call_id")),
    "function_call_output": Shape(("call_id", "output"), ("id", "object", "status")),
    "mcp_list_tools": Shape(("server_label", "tools"), ("id",)),
    "mcp_call": Shape(
        ("id", "server_label", "name", "arguments"), ("output", "approval_request_id", "error")
    ),
    "mcp_approval_request": Shape(("id", "server_label", "name", "arguments")),
    "mcp_approval_response": Shape(("id", "approval_request_id", "approve"), ("reason",)),
}
REFERENCE: Final = Shape(("id",))
PART_SHAPES: Final = {
    "input_text": Shape(("text",)),
    "input_audio": Shape((), ("audio", "transcript")),
    "input_image": Shape(("image_url",), ("detail",)),
    "output_text": Shape(("text",)),
    "output_audio": Shape((), ("audio", "transcript")),
}
PARTS_OF_ROLE: Final = {
    "system": ("input_text",),
    "user": ("input_text", "input_audio", "input_image"),
    "assistant": ("output_text", "output_audio"),
}


def read_item(value: object, param: str, *, may_refer: bool = False) -> Item:
    """Read an item that a client gives.

    Args:
        value: JSON, decoded.
        param: the dotted path at which it stands.
        may_refer: whether `item_reference` is a shape, as in the input of `response.create`.

    Raises:
        ClientFault: it is none of the documented shapes.
    """
    shapes = {**ITEM_SHAPES, "item_reference": REFERENCE} if may_refer else ITEM_SHAPES
    fields = _read_shape(value, param, shapes)
    try:
        item = msgspec.convert(fields, Item)
    except msgspec.ValidationError as error:
        raise fault_of(str(error), param) from None
    if isinstance(item.call_id, str) and len(item.call_id) > _LONGEST_CALL_ID:
        raise fault_of(f"longer than {_LONGEST_CALL_ID} characters", f"{param}.call_id")
    if item.type == "message":
        _check_message(fields, param)
    return item


def _check_message(fields: Json, param: str) -> None:
    role = fields["role"]
    if role not in PARTS_OF_ROLE:
        raise invalid_choice(f"{param}.role", str(role), list(PARTS_OF_ROLE))
    shapes = {name: PART_SHAPES[name] for name in PARTS_OF_ROLE[role]}
    for index, part in enumerate(fields["content"]):
        _read_shape(part, f"{param}.content[{index}]", shapes)


def _read_shape(value: object, param: str, shapes: dict[str, Shape]) -> Json:
    if not isinstance(value, dict):
        raise invalid_type(param, "object")
    fields = object_in(cast("object", value))
    if "type" not in fields:
        raise missing_parameter(f"{param}.type")
    kind = fields["type"]
    if not isinstance(kind, str):
        raise invalid_type(f"{param}.type", "str")
    if kind not in shapes:
        raise invalid_choice(f"{param}.type", kind, list(shapes))
    shape = shapes[kind]
    for name in shape.required:
        if name not in fields:
            raise missing_parameter(f"{param}.{name}")
        if fields[name] is None:
            raise invalid_type(f"{param}.{name}", "a value, got null")
    for name in fields:
        if name not in ("type", *shape.required, *shape.optional):
            raise unknown_parameter(f"{param}.{name}")
    return fields
