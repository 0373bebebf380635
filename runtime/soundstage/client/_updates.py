"""Changes of a session that wait for the server's word."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from soundstage.errors import EventRefused
from soundstage.realtime import server_events

if TYPE_CHECKING:
    from soundstage.realtime import ServerEvent, Unknown


class Updates:
    """Joins each `session.update` to its `session.updated`, which come in order, or its `error`."""

    def __init__(self) -> None:
        self._asked: dict[str, asyncio.Future[dict[str, Any]]] = {}

    def ask(self, event_id: str) -> asyncio.Future[dict[str, Any]]:
        """A change was sent; what the server makes of it."""
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._asked[event_id] = answer
        return answer

    def follow(self, event: ServerEvent | Unknown) -> None:
        """Take one event."""
        match event:
            case server_events.SessionUpdated() if self._asked:
                answer = self._asked.pop(next(iter(self._asked)))
                if not answer.done():
                    answer.set_result(event.session)
            case server_events.Error():
                refused = self._asked.pop(event.error.event_id or "", None)
                if refused is not None and not refused.done():
                    refused.set_exception(_refused(event))
            case _:
                pass

    def fail(self, error: Exception) -> None:
        """No answer will come."""
        for answer in self._asked.values():
            if not answer.done():
                answer.set_exception(error)
        self._asked.clear()


def _refused(event: server_events.Error) -> EventRefused:
    error = event.error
    return EventRefused(
        error.message,
        code=error.code or error.type,
        param=error.param or "",
        event_id=error.event_id or "",
    )
