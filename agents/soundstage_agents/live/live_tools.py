"""The tools of a Live peer, as its session is told of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, cast

import msgspec

from soundstage.realtime import ToolRequested
from soundstage_agents._session_agent import SessionAgent, merged

if TYPE_CHECKING:
    from collections.abc import Sequence

Fields: TypeAlias = "dict[str, Any]"


def live_session_of(settings: SessionAgent.Settings, voice: str, tools: Sequence[Fields]) -> Fields:
    """The session's configuration, in the protocol's words.

    Args:
        settings: the agent's table.
        voice: the agent's.
        tools: the definitions of what it may call.
    """
    body: Fields = {"model": settings.model, "audio": {"output": {"voice": voice}}}
    if settings.instructions is not None:
        body["instructions"] = settings.instructions
    if tools and settings.delegation == "responses":
        backend = {"model": settings.backend, "tools": list(tools)}
        body["delegation"] = {"type": "responses", "responses": backend}
    return merged(body, settings.session)


def call_for(delegation: str, tools: Sequence[Fields], heard: str) -> ToolRequested | None:
    """The call that a delegation to the client stands for; None where there is no tool.

    The protocol says nothing of the task, so the agent's one tool is called with what was said
    last, in the first text that it demands.
    """
    if not tools:
        return None
    schema = cast("Fields", tools[0].get("parameters") or {})
    properties = cast("Fields", schema.get("properties") or {})
    required = [str(name) for name in schema.get("required") or properties]
    texts = [name for name in required if _is_text(properties.get(name))]
    arguments = {texts[0]: heard} if texts else {}
    text = msgspec.json.encode(arguments).decode()
    return ToolRequested(delegation, str(tools[0].get("name")), text, delegation)


def _is_text(schema: object) -> bool:
    return isinstance(schema, dict) and cast("Fields", schema).get("type") == "string"
