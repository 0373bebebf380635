"""The client's end of a Live session, with no I/O and no clock."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, ClassVar, Final

from soundstage.live.client.backend_calls import BackendCalls
from soundstage.live.client.notifications import Notification, WorkDelegated
from soundstage.live.protocol import client_events as client
from soundstage.live.protocol import server_events as server
from soundstage.live.protocol.event_codec import encode, read_server
from soundstage.realtime import OddField, SessionReady, SessionRefused, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from soundstage.live.protocol.event_codec import Decoded
    from soundstage.realtime import Ids

_MOST_ODD: Final = 256


class ClientSession:
    """Follows one session and sends what its owner wants.

    Events to send come out by `outgoing`, what has happened by `receive`. What is asked for before
    the session has started is held back until then. Nothing a server sends makes it raise. What
    asks for something returns the id of its event, which the acknowledgement names.

    Args:
        session: the configuration, as in `session.start`.
        ids: for the events.
        starts: whether the session begins with `session.start`, as over a WebSocket; a call's is
            begun by the request that makes it.

    Attributes:
        ready: whether the session has started.
        closed: whether it is over.
    """

    def __init__(self, session: dict[str, Any], *, ids: Ids, starts: bool = False) -> None:
        self._ids = ids
        self._queue: list[bytes] = []
        self._held: list[bytes] = []
        self._calls = BackendCalls()
        self._odd: set[tuple[str, str]] = set()
        self.ready = False
        self.closed = False
        if starts:
            self._send(client.SessionStart(session=session), at_once=True)

    @property
    def owes(self) -> bool:
        """Whether the backend waits for functions that have not answered."""
        return self._calls.are_open

    def receive(self, text: str | bytes) -> list[Notification]:
        """One event of the server; what it means, which may be nothing."""
        return self.take(read_server(text))

    def take(self, decoded: Decoded) -> list[Notification]:
        """Likewise, of an event that its owner has decoded."""
        told: list[Notification] = [
            OddField(_type_of(decoded.event), field)
            for field in decoded.odd
            if self._is_new(_type_of(decoded.event), field)
        ]
        if isinstance(decoded.event, Unknown):
            return [*told, decoded.event]
        handle = self._HANDLERS.get(type(decoded.event))
        return told if handle is None else [*told, *handle(self, decoded.event)]

    def outgoing(self) -> list[bytes]:
        """The events to send, in order; each is given once."""
        drained, self._queue = self._queue, []
        return drained

    def send(self, event: client.ClientEvent) -> str:
        """Any event; its id, empty if the session is over."""
        return self._send(event)

    def append_audio(self, pcm: bytes) -> None:
        """Let the model hear audio of the session's format; over a WebSocket only."""
        self._send(client.InputAudioAppend(audio=base64.b64encode(pcm).decode()))

    def mute(self, *, on: bool) -> str:
        """Let the model hear silence, or again what comes."""
        return self._send(client.InputAudioMute() if on else client.InputAudioUnmute())

    def instruct(self, text: str, delegation: str | None = None) -> str:
        """Have the model obey this from now on."""
        return self._send(client.InstructionsAppend(content=text, delegation_id=delegation))

    def inform(self, text: str, delegation: str | None = None) -> str:
        """Have the model know this, and not say it."""
        return self._send(client.ThinkingAppend(content=text, delegation_id=delegation))

    def comment(self, text: str, delegation: str | None = None) -> str:
        """Have the model say this."""
        return self._send(client.CommentaryAppend(content=text, delegation_id=delegation))

    def write(self, text: str) -> str:
        """Give the backend a text of the user's, and have it answered; the id of what asks."""
        item = {"type": "message", "role": "user", "content": text}
        self._send(client.ResponseItemCreate(item=item))
        return self._send(client.ResponseCreate())

    def return_tool(self, call_id: str, output: str) -> None:
        """Give the backend what a function has answered; with the last one it goes on.

        The answer waits until the response that has made the call is complete.
        """
        if self._calls.hold(call_id, output):
            return
        item = {"type": "function_call_output", "call_id": call_id, "output": output}
        self._send(client.ResponseItemCreate(item=item))
        if self._calls.answered(call_id):
            self._send(client.ResponseCreate())

    def update(self, session: dict[str, Any]) -> str:
        """Change the settings of the delegation."""
        return self._send(client.SessionUpdate(session=session))

    def close(self) -> None:
        """End the session."""
        if not self.closed:
            self._send(client.SessionClose(), at_once=True)

    def _send(self, event: client.ClientEvent, *, at_once: bool = False) -> str:
        if self.closed:
            return ""
        given = event.event_id
        event_id = given if isinstance(given, str) and given else self._ids.make("event")
        event.event_id = event_id
        place = self._queue if self.ready or at_once else self._held
        place.append(encode(event))
        return event_id

    def _is_new(self, event: str, field: str) -> bool:
        if (event, field) in self._odd or len(self._odd) >= _MOST_ODD:
            return False
        self._odd.add((event, field))
        return True

    def _started(self, _: server.SessionStarted) -> list[Notification]:
        if self.ready:
            return []
        self.ready = True
        self._queue += self._held
        self._held.clear()
        return [SessionReady()]

    def _closed(self, event: server.SessionClosed) -> list[Notification]:
        self.closed = True
        return [event]

    def _failed(self, event: server.Error) -> list[Notification]:
        if self.ready:
            return [event]
        # What is wrong before the session has started is wrong with its configuration.
        return [SessionRefused(event.error.code or event.error.type, event.error.message)]

    def _delegated(self, event: server.DelegationCreated) -> list[Notification]:
        if event.delegation.target != "client":
            return []
        return [WorkDelegated(event.delegation.id, event.offset_ms)]

    def _responded(self, event: server.ResponseEvent) -> list[Notification]:
        requested, failed = self._calls.follow(event.event)
        if event.event.get("type") == "response.completed":
            for call_id, output in self._calls.take_held():
                self.return_tool(call_id, output)
        told: list[Notification] = [*requested]
        if failed is not None:
            told.append(failed)
        return told

    def _same(self, event: Any) -> list[Notification]:
        return [event]

    _HANDLERS: ClassVar[Mapping[type[Any], Callable[..., list[Notification]]]] = {
        server.SessionStarted: _started,
        server.SessionClosed: _closed,
        server.Error: _failed,
        server.DelegationCreated: _delegated,
        server.ResponseEvent: _responded,
        server.InputTranscriptDelta: _same,
        server.OutputTranscriptDelta: _same,
        server.OutputAudioDelta: _same,
        server.SessionPaused: _same,
        server.SessionResumed: _same,
        server.UsageUpdated: _same,
        server.Info: _same,
    }


def _type_of(event: object) -> str:
    if isinstance(event, Unknown):
        return event.type
    config: Any = getattr(event, "__struct_config__", None)
    return "" if config is None else str(config.tag)
