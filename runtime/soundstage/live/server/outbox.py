"""A Live server's events on their way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.live.protocol.event_codec import encode
from soundstage.live.protocol.server_events import AudioEvent, Error, ErrorBody

if TYPE_CHECKING:
    from soundstage.errors import ClientFault
    from soundstage.live.protocol.server_events import ServerEvent
    from soundstage.realtime import Ids


class ServerOutbox:
    """Gives events their ids and keeps them in order; events of audio have no id.

    Args:
        ids: where ids come from.

    Attributes:
        waiting: the events to send, as JSON.
    """

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self.waiting: list[bytes] = []

    def send(self, event: ServerEvent, *, answers: str | None = None) -> None:
        """Put an event behind the others; `answers` is the client's event that it is about."""
        if not isinstance(event, AudioEvent):
            event.event_id = self._ids.make("event")
            if answers is not None:
                event.client_event_id = answers
        self.waiting.append(encode(event))

    def refuse(self, fault: ClientFault, event_id: str | None) -> None:
        """Tell the client what is wrong with the event of this id."""
        body = ErrorBody(code=fault.code, message=str(fault), param=fault.param)
        self._tell(body, event_id)

    def fail(self, message: str, code: str | None, kind: str = "server_error") -> None:
        """Tell the client what went wrong that no event of its own is about."""
        self._tell(ErrorBody(type=kind, code=code, message=message, param=None), None)

    def drain(self) -> list[bytes]:
        """The events to send, as JSON; each is given once."""
        drained, self.waiting = self.waiting, []
        return drained

    def _tell(self, body: ErrorBody, event_id: str | None) -> None:
        if event_id is not None:
            body.client_event_id = event_id
        self.send(Error(error=body), answers=event_id)
