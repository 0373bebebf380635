"""What a conversation is made of, and what a response reports."""

from __future__ import annotations

from typing import Any, TypeAlias

from msgspec import UNSET, Struct, UnsetType

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
