"""A session's configuration, from what a program says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def session_body(
    session: Mapping[str, Any],
    model: str,
    voice: str | None,
    instructions: str | None,
    tools: list[dict[str, Any]],
) -> dict[str, Any]:
    """A session's configuration; what is said in the protocol's own words wins."""
    audio = dict(session.get("audio", {}))
    if voice is not None:
        audio["output"] = {"voice": voice, **audio.get("output", {})}
    body: dict[str, Any] = {"type": "realtime", "model": model}
    if instructions is not None:
        body["instructions"] = instructions
    if tools:
        body["tools"] = tools
    return {**body, **session, **({"audio": audio} if audio else {})}
