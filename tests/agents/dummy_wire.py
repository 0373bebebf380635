"""A Realtime endpoint of few words: it confirms the session, and says what a test has it say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from soundstage.messages import TransportEvent, TransportOpened
from soundstage.units import SILENCE

if TYPE_CHECKING:
    from collections.abc import Callable


class DummyWire:
    """The wire of one session.

    Attributes:
        sent: the client's events, decoded, in order.
    """

    concealed = dropped = late = 0

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self._post: Callable[[object], None] = lambda _: None

    def open(self, post: Callable[[object], None]) -> None:
        """Answer at once."""
        self._post = post
        post(TransportOpened("call"))
        self.say("session.created", session={})

    def send(self, event: bytes) -> None:
        """Keep an event; a configuration is confirmed."""
        decoded = json.loads(event)
        self.sent.append(decoded)
        if decoded["type"] == "session.update":
            self.say("session.updated", session={})

    def say(self, type: str, **fields: Any) -> None:  # noqa: A002 - the protocol's word
        """Let the client hear an event."""
        self._post(TransportEvent(json.dumps({"type": type, "event_id": "e", **fields})))

    def call(self, response: str, *calls: tuple[str, str, str], status: str = "completed") -> None:
        """A response that calls tools: call id, name and arguments of each."""
        made = {"id": response, "conversation_id": "conv"}
        self.say("response.created", response={**made, "status": "in_progress"})
        output = [
            {"type": "function_call", "call_id": call, "name": name, "arguments": arguments}
            for call, name, arguments in calls
        ]
        self.say("response.done", response={**made, "status": status, "output": output})

    def answers(self) -> list[tuple[str, Any]]:
        """What the session was told since its configuration: results by call, and requests."""
        return [
            (event["item"]["call_id"], json.loads(event["item"]["output"]))
            if event["type"] == "conversation.item.create"
            else ("", event["type"])
            for event in self.sent[1:]
        ]

    def play(self, pcm: bytes) -> None:
        """It does not listen."""

    def take(self) -> bytes:
        """It does not speak."""
        return SILENCE

    def close(self) -> None:
        """Nothing is held open."""
