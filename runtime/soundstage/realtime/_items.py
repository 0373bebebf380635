"""What a conversation is made of, and what a response reports."""

from __future__ import annotations

from typing import Any, TypeAlias

from msgspec import UNSET, Struct, UnsetType

Maybe: TypeAlias = str | None | UnsetType


class Part(Struct, kw_only=True, omit_defaults=True):
    """One part of a message: `input_text`, `input_audio`, `output_text`, `output_audio` …"""

    type: str = ""
    text: Maybe = UNSET
    audio: Maybe = UNSET
    transcript: Maybe = UNSET
    image_url: Maybe = UNSET
    detail: Maybe = UNSET


class Item(Struct, kw_only=True, omit_defaults=True):
    """A message, a function call, or a function's output; which one is in `type` and `role`."""

    id: Maybe = UNSET
    type: str = ""
    object: Maybe = UNSET
    status: Maybe = UNSET
    role: Maybe = UNSET
    content: list[Part] | UnsetType = UNSET
    name: Maybe = UNSET
    call_id: Maybe = UNSET
    arguments: Maybe = UNSET
    output: Maybe = UNSET

    @property
    def said(self) -> str:
        """The words in it, typed or spoken."""
        parts = self.content or []
        words = (part.text or part.transcript or "" for part in parts)
        return " ".join(word for word in words if word)


class Response(Struct, kw_only=True):
    """A response, as `response.created` and `response.done` report it."""

    object: str = "realtime.response"
    id: str = ""
    status: str = "in_progress"
    status_details: dict[str, Any] | None = None
    output: list[Item] = []
    conversation_id: str | None = None
    output_modalities: list[str] = []
    max_output_tokens: int | str | None = "inf"
    audio: dict[str, Any] | None = None
    usage: dict[str, Any] | None = None
    metadata: dict[str, str] | None = None


class ErrorBody(Struct, kw_only=True):
    """What went wrong, and with which client event."""

    type: str = "invalid_request_error"
    code: str | None = None
    message: str = ""
    param: str | None = None
    event_id: str | None = None
