"""The changes of a session that a client has sent, and that its server has not answered."""

from __future__ import annotations

import asyncio
from typing import Any, TypeAlias

Answer: TypeAlias = asyncio.Future[dict[str, Any]]
"""The session as it is after the change."""


class PendingUpdates:
    """Keeps an answer for each `session.update`, by the id of the event; what derives, gives it."""

    def __init__(self) -> None:
        self._asked: dict[str, Answer] = {}

    def ask(self, event_id: str) -> Answer:
        """A change was sent; what the server makes of it."""
        answer: Answer = asyncio.get_running_loop().create_future()
        self._asked[event_id] = answer
        return answer

    def fail(self, error: Exception) -> None:
        """No answer will come."""
        for answer in self._asked.values():
            if not answer.done():
                answer.set_exception(error)
        self._asked.clear()

    def forget(self, event_id: str) -> None:
        """An answer is not waited for any more."""
        answer = self._asked.pop(event_id, None)
        if answer is not None:
            answer.cancel()

    def _named(self, event_id: object) -> Answer | None:
        """The answer to this event, taken out; None where that is not asked."""
        return self._asked.pop(event_id, None) if isinstance(event_id, str) else None

    def _oldest(self) -> Answer | None:
        """Likewise, the answer to the first event that was sent."""
        return self._asked.pop(next(iter(self._asked))) if self._asked else None
