"""The table of an agent that holds a Realtime session, and the session that it configures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, cast

from pydantic import Field

from soundstage.agent import AgentSettings, Opens, UsesTools
from soundstage.config.values import SessionFields, Text, TurnDetection
from soundstage.endpoint import CallsEndpoint

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Fields: TypeAlias = "dict[str, Any]"

TRANSCRIBER = "gpt-transcribe"
"""The model that writes down what a session hears; the local endpoint takes its own recogniser."""


class SessionSettings(AgentSettings, CallsEndpoint, Opens, UsesTools):
    """The keys of a Realtime agent.

    Attributes:
        model: the model's name, as the provider knows it.
        instructions: the persona; the provider's own where it is None.
        turn_detection: when its session takes a turn to be over, and what interrupts it.
        session: every other session field, in the protocol's words.
    """

    model: str = "gpt-realtime-2.1"
    instructions: Text | None = None
    turn_detection: TurnDetection = TurnDetection()
    session: SessionFields = Field(default_factory=dict)


def session_of(
    settings: SessionSettings,
    voice: str,
    tools: Sequence[Fields],
    switched_off: Mapping[str, bool],
) -> dict[str, Any]:
    """The `session` of the call and of `session.update`, in the protocol's words.

    Args:
        settings: the agent's table.
        voice: the agent's.
        tools: the definitions of what it may call.
        switched_off: what of its turn detection the agent does itself.
    """
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
            "output": {"voice": voice},
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
