"""A Realtime session's configuration, from an agent's table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from soundstage.agent import AgentContext

Fields: TypeAlias = "dict[str, Any]"

TRANSCRIBER = "gpt-transcribe"
"""The model that writes down what a session hears; the local endpoint takes its own recogniser."""


def session_body(
    context: AgentContext, tools: Sequence[Fields], switched_off: Mapping[str, bool]
) -> dict[str, Any]:
    """The `session` of the call and of `session.update`, in the protocol's words.

    Args:
        context: the agent's.
        tools: the definitions of what it may call.
        switched_off: what of its turn detection the agent does itself.
    """
    settings: Any = context.identity.settings
    detection = settings.turn_detection.wire()
    body: dict[str, Any] = {
        "type": "realtime",
        "model": settings.model,
        "output_modalities": ["audio"],
        "audio": {
            "input": {
                "transcription": {"model": TRANSCRIBER},
                "turn_detection": None if detection is None else {**detection, **switched_off},
            },
            "output": {"voice": context.voice},
        },
    }
    if settings.instructions is not None:
        body["instructions"] = settings.instructions
    if tools:
        body["tools"] = list(tools)
    return _merged(body, settings.session)


def _merged(under: Fields, over: Fields) -> Fields:
    merged = dict(under)
    for key, value in over.items():
        old = merged.get(key)
        both = isinstance(old, dict) and isinstance(value, dict)
        merged[key] = _merged(cast("Fields", old), cast("Fields", value)) if both else value
    return merged
