"""The configuration of a Live client's session, and the changes that are on their way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soundstage.client.pending_updates import PendingUpdates
from soundstage.config.document import merged
from soundstage.errors import EventRefused, UsageError
from soundstage.live import server_events

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soundstage.live import ServerEvent
    from soundstage.realtime import Unknown


def live_session_body(
    session: Mapping[str, Any],
    usual: Mapping[str, Any],
    tools: list[dict[str, Any]],
    backend: str,
) -> dict[str, Any]:
    """A session's configuration; what `session` says in the protocol's own words wins.

    Args:
        session: any fields.
        usual: `model`, `voice` and `instructions`, left out where None.
        tools: the definitions of functions, which the backend calls.
        backend: the model of that backend.

    Raises:
        UsageError: there are tools, and no backend that could call them.
    """
    body: dict[str, Any] = {key: usual[key] for key in ("model", "instructions") if usual[key]}
    if usual["voice"] is not None:
        body["audio"] = {"output": {"voice": usual["voice"]}}
    if tools:
        body["delegation"] = {"type": "responses", "responses": {"model": backend, "tools": tools}}
    made = merged(body, dict(session))
    delegation = made.get("delegation")
    kind = delegation.get("type") if isinstance(delegation, dict) else None
    if tools and kind != "responses":
        raise UsageError(
            "a Live model calls no functions: its backend does, so tools go with a delegation of "
            f"the type responses, and not {kind}"
        )
    return made


class LiveUpdates(PendingUpdates):
    """Joins each `session.update` to the `session.updated` or `error` that names it."""

    def follow(self, event: ServerEvent | Unknown) -> None:
        """Take one event."""
        match event:
            case server_events.SessionUpdated():
                # A server that names no event answers them in order.
                named = event.client_event_id
                answer = self._named(named) if named else self._oldest()
                if answer is not None and not answer.done():
                    answer.set_result(event.session)
            case server_events.Error():
                error = event.error
                named = error.client_event_id or event.client_event_id
                refused = self._named(named)
                if refused is not None and not refused.done():
                    refused.set_exception(
                        EventRefused(
                            error.message,
                            code=error.code or error.type,
                            param=error.param or "",
                            event_id=str(named),
                        )
                    )
            case _:
                pass
