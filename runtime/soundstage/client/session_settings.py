"""The configuration of a client's session: what it begins with, and the changes on their way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soundstage.client.pending_updates import PendingUpdates
from soundstage.errors import EventRefused
from soundstage.realtime import server_events

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soundstage.realtime import ServerEvent, Unknown


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


class Updates(PendingUpdates):
    """Joins each `session.update` to its `session.updated`, which come in order, or its `error`."""

    def follow(self, event: ServerEvent | Unknown) -> None:
        """Take one event."""
        match event:
            case server_events.SessionUpdated():
                answer = self._oldest()
                if answer is not None and not answer.done():
                    answer.set_result(event.session)
            case server_events.Error():
                refused = self._named(event.error.event_id)
                if refused is not None and not refused.done():
                    refused.set_exception(_refused(event))
            case _:
                pass


def _refused(event: server_events.Error) -> EventRefused:
    error = event.error
    return EventRefused(
        error.message,
        code=error.code or error.type,
        param=error.param or "",
        event_id=error.event_id or "",
    )
