"""What a conversation is made of, what a response reports, and which items a client may send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from msgspec import UNSET, Struct, UnsetType

from soundstage.realtime.protocol.client_errors import (
    invalid_choice,
    invalid_type,
    missing_parameter,
    out_of_bounds,
    unknown_parameter,
)
from soundstage.realtime.protocol.json_reading import object_in, read, text_in

if TYPE_CHECKING:
    from soundstage.realtime.protocol.json_reading import Json

Maybe: TypeAlias = str | UnsetType | None
"""A text that may be null, and that may be left out."""


class Part(Struct, kw_only=True):
    """One part of a message, or of what a response makes.

    Attributes:
        type: `input_text`, `input_audio`, `input_image`, `output_text`, `output_audio` within an
            item; `text` and `audio` in the content part events of a response.
        text: what was written.
        audio: base64; never echoed by the service.
        transcript: what was said, None until it is known.
        image_url: a data URI.
        detail: `auto`, `low` or `high`, of an image.
    """

    type: Maybe = UNSET
    text: Maybe = UNSET
    audio: Maybe = UNSET
    transcript: Maybe = UNSET
    image_url: Maybe = UNSET
    detail: Maybe = UNSET


class Item(Struct, kw_only=True):
    """One item of a conversation, of any shape.

    One struct for all shapes: the roles share a type, and an item of a type that is not known
    here must not hide the event that it comes in.

    Attributes:
        id: its id, given by the server where the client gives none.
        type: `message`, `function_call`, `function_call_output`, `mcp_list_tools`, `mcp_call`,
            `mcp_approval_request`, `mcp_approval_response`; `item_reference` in the input of
            `response.create`.
        object: `realtime.item` where it is there at all.
        status: `in_progress`, `completed` or `incomplete`.
        role: of a message, `system`, `user` or `assistant`.
        phase: of an assistant's message, `commentary` or `final_answer`; of some models only.
        content: of a message, its parts.
        name: of a function or MCP call.
        call_id: joins a function's output to its call.
        arguments: of a call, JSON text, perhaps with space around it.
        output: of a function or an MCP call.
        server_label: of the MCP items, which server.
        tools: of `mcp_list_tools`, what the server offers.
        approval_request_id: the request that an approval answers, or a call needed.
        approve: whether an MCP call may be made.
        reason: why.
        error: why an MCP call failed.
    """

    id: Maybe = UNSET
    type: str
    object: Maybe = UNSET
    status: Maybe = UNSET
    role: Maybe = UNSET
    phase: Maybe = UNSET
    content: list[Part] | UnsetType | None = UNSET
    name: Maybe = UNSET
    call_id: Maybe = UNSET
    arguments: Maybe = UNSET
    output: Maybe = UNSET
    server_label: Maybe = UNSET
    tools: list[dict[str, Any]] | UnsetType | None = UNSET
    approval_request_id: Maybe = UNSET
    approve: bool | UnsetType = UNSET
    reason: Maybe = UNSET
    error: dict[str, Any] | UnsetType | None = UNSET

    @property
    def said(self) -> str:
        """The words in it, typed or spoken."""
        parts = self.content or []
        words = (part.text or part.transcript or "" for part in parts)
        return " ".join(word for word in words if word)


class Response(Struct, kw_only=True):
    """A response, as `response.created` and `response.done` report it.

    Attributes:
        object: `realtime.response`.
        id: its id.
        status: `in_progress`, `completed`, `cancelled`, `failed` or `incomplete`.
        status_details: why it is not completed: `type`, `reason`, `error`.
        output: the items it made.
        conversation_id: None for one that is out of band.
        output_modalities: `audio` or `text`.
        max_output_tokens: a number or `inf`.
        audio: `output` with `format` and `voice`.
        usage: the tokens it took, once it is done.
        metadata: as the client gave it.
    """

    object: str | None = "realtime.response"
    id: str
    status: str = "in_progress"
    status_details: dict[str, Any] | None = None
    output: list[Item] = []
    conversation_id: str | None = None
    output_modalities: list[str] | None = None
    max_output_tokens: int | str | None = "inf"
    audio: dict[str, Any] | None = None
    usage: dict[str, Any] | None = None
    metadata: dict[str, str] | None = None

    @property
    def said(self) -> str:
        """The words in it, of all its items."""
        return " ".join(item.said for item in self.output if item.said)

    @property
    def reason(self) -> str:
        """Why it was cancelled or is incomplete, as in `turn_detected`; otherwise empty."""
        return text_in((self.status_details or {}).get("reason"))

    @property
    def failure(self) -> str:
        """Why it has failed, in the server's words; otherwise empty."""
        error = object_in((self.status_details or {}).get("error"))
        return text_in(error.get("message")) or text_in(error.get("code"))


class ErrorBody(Struct, kw_only=True):
    """What went wrong, and with which client event.

    Attributes:
        type: `invalid_request_error`, mostly, or `server_error`.
        code: what exactly.
        message: for people.
        param: dotted path of the field at fault.
        event_id: the client's id of the event at fault.
    """

    type: str = "invalid_request_error"
    code: str | None = None
    message: str
    param: str | None = None
    event_id: str | None = None


class Conversation(Struct, kw_only=True):
    """The conversation of a session, as `conversation.created` reports it."""

    id: Maybe = UNSET
    object: Maybe = UNSET


_LONGEST_CALL_ID: Final = 32


class Shape(Struct, frozen=True):
    """The fields of one shape: those it must have, and those it may have beside `type`."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


ITEM_SHAPES: Final = {
    "message": Shape(("role", "content"), ("id", "object", "status", "phase")),
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
    # A reference names an item that exists, so nothing new can be made from one.
    shapes = {**ITEM_SHAPES, "item_reference": REFERENCE} if may_refer else ITEM_SHAPES
    fields = _read_shape(value, param, shapes)
    item = read(fields, Item, param)
    if isinstance(item.call_id, str) and len(item.call_id) > _LONGEST_CALL_ID:
        bound = f"at most {_LONGEST_CALL_ID} characters"
        raise out_of_bounds(f"{param}.call_id", bound, len(item.call_id))
    if item.type == "message":
        _check_message(fields, param)
    return item


def _check_message(fields: Json, param: str) -> None:
    role = fields["role"]
    if role not in PARTS_OF_ROLE:
        raise invalid_choice(f"{param}.role", role, PARTS_OF_ROLE)
    if role != "assistant" and "phase" in fields:
        raise unknown_parameter(f"{param}.phase")
    shapes = {name: PART_SHAPES[name] for name in PARTS_OF_ROLE[role]}
    # Checked before the struct is used: there, any part may have any field.
    for index, part in enumerate(fields["content"]):
        _read_shape(part, f"{param}.content[{index}]", shapes)


def _read_shape(value: object, param: str, shapes: dict[str, Shape]) -> Json:
    if not isinstance(value, dict):
        raise invalid_type(param, ["an object"], value)
    fields = object_in(cast("object", value))
    if "type" not in fields:
        raise missing_parameter(f"{param}.type")
    kind = fields["type"]
    if not isinstance(kind, str):
        raise invalid_type(f"{param}.type", ["a string"], kind)
    if kind not in shapes:
        raise invalid_choice(f"{param}.type", kind, shapes)
    shape = shapes[kind]
    for name in shape.required:
        if name not in fields:
            raise missing_parameter(f"{param}.{name}")
        # A field that is there and null is a wrong type to the service, not a missing field.
        if fields[name] is None:
            raise invalid_type(f"{param}.{name}", ["a value"], None)
    for name in fields:
        if name not in ("type", *shape.required, *shape.optional):
            raise unknown_parameter(f"{param}.{name}")
    return fields
