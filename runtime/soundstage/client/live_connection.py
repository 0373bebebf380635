"""A Live session and the call that carries it, from the offer to `session.closed`."""

from __future__ import annotations

import asyncio
import random
import weakref
from typing import TYPE_CHECKING, Any, Final, Protocol

from soundstage.client.call_parts import begin_call
from soundstage.errors import CallRefused, ConnectionLost, ConnectTimeout
from soundstage.live import ClientSession, read_server, server_events
from soundstage.realtime import Ids, OddField, SessionRefused
from soundstage.units import Samples, samples_of_seconds, seconds_of

if TYPE_CHECKING:
    from soundstage.client.call_parts import CallParts
    from soundstage.client.streams import Sound
    from soundstage.live import Notification, ServerEvent
    from soundstage.realtime import Unknown
    from soundstage.webrtc import PlacedCall

STARTED_WITHIN: Final[Samples] = samples_of_seconds(10)
"""How long `session.started` may take after the call has opened."""

CLOSED_WITHIN: Final[Samples] = samples_of_seconds(5)
"""How long `session.closed` may take after `session.close`; clients of others wait 5 to 15 s."""

REQUESTED: Final = "close_requested"
"""The reason of a session's end that is no loss."""


class LiveOwner(Protocol):
    """What a connection tells its owner."""

    def received(self, event: ServerEvent | Unknown, notifications: list[Notification]) -> None:
        """An event has come."""
        ...

    def ended(self, error: Exception | None) -> None:
        """There is no session any more; no error where it was closed on request."""
        ...


class LiveConnection:
    """Carries one session.

    Args:
        parts: what it is made of.
        body: the session's configuration, with its model.
        sound: what is sent and heard, a frame every 20 ms as long as the session lasts: the
            timeline of a session over a WebSocket stands still without.
        owner: is told what happens; not kept alive, so that a client which is dropped can end.

    Attributes:
        session: the conversation.
        session_id: the service's, or empty.
        is_up: whether the session has started, and is not over.
    """

    def __init__(
        self, parts: CallParts, body: dict[str, Any], sound: Sound, owner: LiveOwner
    ) -> None:
        self._parts = parts
        self._body = body
        self._sound = sound
        self._owner = weakref.ref(owner)
        self._call: PlacedCall | None = None
        self._ready: asyncio.Future[None] | None = None
        self._over = asyncio.Event()
        self._pacing: asyncio.Task[None] | None = None
        self.session = ClientSession(body, ids=Ids(random.SystemRandom()))
        self.session_id = ""
        self.is_up = False

    async def connect(self) -> None:
        """Place a call, and wait until its session has started.

        Raises:
            InfrastructureError: it could not be done; nothing is left of the call.
        """
        loop = asyncio.get_running_loop()
        self._ready = loop.create_future()
        self._call = self._parts.call(
            self._body, on_open=self._opened, on_event=self._receive, on_lost=self._lost
        )
        await begin_call(self._call, self._ready)
        self.is_up = True
        self.flush()
        self._parts.logger.info("connected to %s", self._parts.provider.name)
        self._pacing = loop.create_task(self._pace())

    async def close(self) -> None:
        """End the session, so that the service tells what it has cost, and hang up."""
        if self.is_up:
            self.session.close()
            self.flush()
            closing = asyncio.ensure_future(self._over.wait())
            await asyncio.wait([closing], timeout=seconds_of(CLOSED_WITHIN))
            closing.cancel()
        self.is_up = False
        if self._pacing is not None:
            self._pacing.cancel()
            await asyncio.wait([self._pacing])
        if self._call is not None:
            self._call.end()
            await self._call.wait_ended()

    def flush(self) -> None:
        """Send what the session has to say."""
        for event in self.session.outgoing():
            if self._call is not None:
                self._call.send(event)

    async def _pace(self) -> None:
        async for _ in self._parts.clock.ticks():
            if self._call is None or not self.is_up:
                return
            self._call.play(self._sound.next())
            heard = self._call.take()
            if not self._sound.is_over:
                self._sound.heard.put(heard)

    def _opened(self, _: str) -> None:
        loop, ready = asyncio.get_running_loop(), self._ready
        late = loop.call_later(seconds_of(STARTED_WITHIN), self._not_started)
        if ready is not None:
            ready.add_done_callback(lambda _: late.cancel())

    def _not_started(self) -> None:
        seconds = seconds_of(STARTED_WITHIN)
        self._lost(ConnectTimeout(f"no session.started came within {seconds:g} s"))

    def _receive(self, text: str | bytes) -> None:
        decoded = read_server(text)
        event, notifications = decoded.event, self.session.take(decoded)
        if isinstance(event, server_events.SessionStarted):
            ident = event.session.get("id")
            self.session_id = ident if isinstance(ident, str) else ""
        if (owner := self._owner()) is not None:
            owner.received(event, notifications)
        for notification in notifications:
            match notification:
                case SessionRefused():
                    self._lost(CallRefused(notification.message, code=notification.code))
                case OddField(kind, field):
                    self._parts.logger.warning("an odd %s in the server's %s", field, kind)
                case server_events.SessionClosed():
                    self._closed(notification.reason)
                case _:
                    pass
        self.flush()
        if self.session.ready and self._ready is not None and not self._ready.done():
            self._ready.set_result(None)

    def _closed(self, reason: str) -> None:
        was_asked = reason == REQUESTED
        self._lost(None if was_asked else ConnectionLost(f"the session is closed: {reason}"))

    def _lost(self, error: Exception | None) -> None:
        if self._ready is not None and not self._ready.done():
            self._ready.set_exception(error or ConnectionLost("the session was closed at once"))
        self._over.set()
        if not self.is_up or self._call is None:
            return
        self.is_up = False
        if error is not None:
            name = self._parts.provider.name
            self._parts.logger.warning("the session with %s is lost: %s", name, error)
        self._call.end()
        if (owner := self._owner()) is not None:
            owner.ended(error)
