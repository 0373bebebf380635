"""What was said in a session, to be told to the next one."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from soundstage.realtime import Truncated, server_events

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soundstage.realtime import Notification

Role: TypeAlias = Literal["user", "assistant"]

MOST: Final = 200
"""Turns that are remembered; the oldest are forgotten."""


class Dialogue:
    """Follows a session's notifications; what was cut is remembered as far as it was heard."""

    def __init__(self) -> None:
        self._turns: deque[tuple[Role, str, str]] = deque(maxlen=MOST)

    def follow(self, notification: Notification) -> None:
        """Take one notification."""
        match notification:
            case server_events.InputTranscriptionCompleted(item_id=item, transcript=text):
                if text.strip():
                    self._turns.append(("user", item, text.strip()))
            case server_events.ResponseDone(response=response) if response.said:
                self._turns.append(("assistant", response.id, response.said))
            case Truncated() if notification.text is not None:
                self._cut(notification.response, notification.text)
            case _:
                pass

    def turns(self) -> Iterator[tuple[Role, str]]:
        """Who said what, in order."""
        for role, _, text in self._turns:
            if text:
                yield role, text

    def _cut(self, response: str, text: str) -> None:
        for place, (role, ident, _) in enumerate(self._turns):
            if role == "assistant" and ident == response:
                self._turns[place] = (role, ident, text)
