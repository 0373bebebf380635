"""A server's events on their way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from soundstage.realtime.protocol.event_codec import encode
from soundstage.realtime.protocol.items import ErrorBody
from soundstage.realtime.protocol.server_events import (
    Error,
    OutputAudioBufferCleared,
    OutputAudioBufferStarted,
    OutputAudioBufferStopped,
)

if TYPE_CHECKING:
    from soundstage.errors import ClientFault
    from soundstage.realtime.protocol.ids import Ids
    from soundstage.realtime.protocol.server_events import ServerEvent

_PLAYBACK: Final = (OutputAudioBufferStarted, OutputAudioBufferStopped, OutputAudioBufferCleared)


class ServerOutbox:
    """Gives events their ids and keeps them in order.

    An event is written down as it is sent, so what it holds may change afterwards.

    Args:
        ids: where ids and padding come from.

    Attributes:
        waiting: the events to send, as JSON.
    """

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self.waiting: list[bytes] = []

    def send(self, event: ServerEvent) -> None:
        """Put an event behind the others."""
        # The service makes these ids elsewhere, and they look different on the wire.
        playback = isinstance(event, _PLAYBACK)
        event.event_id = self._ids.playback_event() if playback else self._ids.make("event")
        # At once: the items in it change while it waits.
        self.waiting.append(encode(event))

    def refuse(self, fault: ClientFault, event_id: str | None) -> None:
        """Tell the client what is wrong with the event of this id."""
        body = ErrorBody(code=fault.code, message=str(fault), param=fault.param, event_id=event_id)
        self.send(Error(error=body))

    def padding(self, delta: str) -> str:
        """What hides the length of a delta."""
        return self._ids.padding(delta)

    def drain(self) -> list[bytes]:
        """The events to send, as JSON; each is given once."""
        drained, self.waiting = self.waiting, []
        return drained
