"""The official SDK's own models of what a server may send."""

from __future__ import annotations

import json
from typing import Annotated, Any, get_args

from openai.types.realtime import RealtimeServerEvent
from pydantic import Field, TypeAdapter

_EVENT: TypeAdapter[Any] = TypeAdapter(
    Annotated[get_args(RealtimeServerEvent)[0], Field(discriminator="type")]
)


def checked(raw: str | bytes) -> dict[str, Any]:
    """The event as JSON.

    Raises:
        pydantic.ValidationError: the SDK does not take it.
    """
    _EVENT.validate_json(raw)
    event: dict[str, Any] = json.loads(raw)
    return event
