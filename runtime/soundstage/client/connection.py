"""A session and the call that carries it; when that drops, a reconnect, and what is told again."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeAlias

from msgspec import Struct

from soundstage.audio import is_audible
from soundstage.errors import CallRefused, ConnectionLost, ConnectTimeout, InfrastructureError
from soundstage.realtime import (
    QUIET,
    ClientSession,
    Ids,
    OddField,
    SessionExpired,
    SessionRefused,
    Truncated,
    UnannouncedAudio,
    read_server,
    server_events,
)
from soundstage.units import SILENCE, Samples, samples_of_seconds, seconds_of
from soundstage.webrtc import WebRtcCall
from soundstage.websocket import WebSocketCall

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from soundstage.kernel import AsyncClock
    from soundstage.realtime import Notification, ServerEvent, Unknown
    from soundstage.webrtc import Codec, Deadlines, PlacedCall, Provider

CONFIRMED_WITHIN: Final[Samples] = samples_of_seconds(10)
"""How long `session.updated` may take after the channel has opened."""

WAITS: Final[tuple[Samples, ...]] = tuple(map(samples_of_seconds, (0.2, 0.5, 1, 2, 4, 8)))
"""How long is waited before each attempt to connect again."""


Role: TypeAlias = Literal["user", "assistant"]

REMEMBERED: Final = 200
"""Turns that a new session can be told of; older ones are forgotten."""


class Owner(Protocol):
    """What a connection tells its owner."""

    def received(
        self, event: ServerEvent | Unknown, notifications: list[Notification], *, ready: bool
    ) -> None:
        """An event has come; `ready` says whether the session was configured before it."""
        ...

    def dropped(self, error: Exception) -> None:
        """The call has gone, for good or for a while."""
        ...

    def resumed(self, error: Exception) -> None:
        """There is another call, after this error."""
        ...

    def ended(self, error: Exception) -> None:
        """There is no call any more."""
        ...

    def told_again(self) -> Iterator[tuple[Role, str]]:
        """What a new session must know of the last one."""
        ...


class Parts(Struct, frozen=True, kw_only=True):
    """What a connection is made of; each part can be the program's own.

    Attributes:
        provider: the service that is called.
        reconnects: whether a call that drops is followed by another one.
        clock: times the attempts.
        logger: is told when a call comes up or drops.
        deadlines: how long each step of a call may take.
        http: carries the signalling.
        codec: makes the Opus encoder and decoder.
    """

    provider: Provider
    reconnects: bool
    clock: AsyncClock
    logger: logging.Logger
    deadlines: Deadlines | None = None
    http: httpx.AsyncClient | None = None
    codec: Codec | None = None


class Dialogue:
    """What was said in a session, for the next one; of a reply that was cut, what was heard."""

    def __init__(self) -> None:
        self._turns: deque[tuple[Role, str, str]] = deque(maxlen=REMEMBERED)

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
        """Role and text of each turn, in order."""
        for role, _, text in self._turns:
            if text:
                yield role, text

    def _cut(self, response: str, text: str) -> None:
        for place, (role, ident, _) in enumerate(self._turns):
            if role == "assistant" and ident == response:
                self._turns[place] = (role, ident, text)


class Connection:
    """Keeps one session up.

    Args:
        parts: what it is made of.
        body: the session's configuration; the owner keeps it up to date.
        owner: is told what happens.

    Attributes:
        session: the present one.
        call_id: of the present call, or empty.
        is_up: whether its configuration has been confirmed, and the call has not dropped.
    """

    def __init__(self, parts: Parts, body: dict[str, Any], owner: Owner) -> None:
        self._parts = parts
        self._body = body
        self._owner = owner
        self._ids = Ids(random.SystemRandom())
        self._call: PlacedCall | None = None
        self._ready: asyncio.Future[None] | None = None
        self._again: asyncio.Task[None] | None = None
        self.session = ClientSession(body, ids=self._ids)
        self.call_id = ""
        self.is_up = False

    async def connect(self) -> None:
        """Place a call, and wait until the session has confirmed its configuration.

        Raises:
            InfrastructureError: it could not be done; nothing is left of the call.
        """
        self._ready = asyncio.get_running_loop().create_future()
        self._call = call = self._make_call()
        call.begin()
        try:
            await self._ready
        except BaseException:
            call.end()
            await call.wait_ended()
            raise
        self.is_up = True
        self._parts.logger.info("connected to %s", self._parts.provider.name)

    async def close(self) -> None:
        """Hang up, and wait until nothing is left."""
        self.is_up = False
        if self._again is not None:
            self._again.cancel()
            await asyncio.wait([self._again])
        if self._call is not None:
            self._call.end()
            await self._call.wait_ended()

    def flush(self) -> None:
        """Send what the session has to say."""
        for event in self.session.outgoing():
            if self._call is not None:
                self._call.send(event)

    def exchange(self, pcm: bytes) -> bytes:
        """Send the frame of this tick; the far end's, or silence where that must not be heard."""
        if self._call is None:
            raise ConnectionLost("there is no call")
        self._call.play(pcm)
        heard = self._call.take()
        for notification in self.session.hear_frame(audible=is_audible(heard, QUIET)):
            if isinstance(notification, UnannouncedAudio):
                name = self._parts.provider.name
                self._parts.logger.warning("%s: %s", name, notification.message)
        return heard if self.session.gate_open else SILENCE

    def _make_call(self) -> PlacedCall:
        parts = self._parts
        over_websocket = parts.provider.transport == "websocket"
        make = WebSocketCall if over_websocket else partial(WebRtcCall, codec=parts.codec)
        return make(
            parts.provider,
            self._body,
            on_open=self._opened,
            on_event=self._receive,
            on_lost=self._lost,
            deadlines=parts.deadlines,
            client=parts.http,
        )

    def _opened(self, call_id: str) -> None:
        self.call_id = call_id
        loop, ready = asyncio.get_running_loop(), self._ready
        late = loop.call_later(seconds_of(CONFIRMED_WITHIN), self._not_confirmed)
        if ready is not None:
            ready.add_done_callback(lambda _: late.cancel())

    def _not_confirmed(self) -> None:
        seconds = seconds_of(CONFIRMED_WITHIN)
        self._lost(ConnectTimeout(f"no session.updated came within {seconds:g} s"))

    def _receive(self, text: str | bytes) -> None:
        decoded = read_server(text)
        was_ready = self.session.ready
        notifications = self.session.take(decoded)
        self._owner.received(decoded.event, notifications, ready=was_ready)
        self.flush()
        for notification in notifications:
            match notification:
                case SessionRefused():
                    self._lost(CallRefused(notification.message, code=notification.code))
                case SessionExpired():
                    self._lost(ConnectionLost("the session has reached its longest duration"))
                case OddField(event, field):
                    self._parts.logger.warning("an odd %s in the server's %s", field, event)
                case _:
                    pass
        if self.session.ready and self._ready is not None and not self._ready.done():
            self._ready.set_result(None)

    def _lost(self, error: Exception) -> None:
        if self._ready is not None and not self._ready.done():
            self._ready.set_exception(error)
        if not self.is_up or self._call is None:
            return
        self.is_up = False
        self._parts.logger.warning("the call to %s dropped: %s", self._parts.provider.name, error)
        self._call.end()
        self._owner.dropped(error)
        if self._parts.reconnects:
            # Made at once, so that what the program asks for meanwhile waits for the new call.
            self.session = ClientSession(self._body, ids=self._ids)
            for role, text in self._owner.told_again():
                self.session.add_text(text, role=role)
            self._again = asyncio.get_running_loop().create_task(self._reconnect(error))
        else:
            self._owner.ended(error)

    async def _reconnect(self, why: Exception) -> None:
        error = why
        for wait in WAITS:
            await self._parts.clock.sleep(wait)
            try:
                await self.connect()
            except InfrastructureError as failed:
                error = failed
                self.session.start_again()
            else:
                self._owner.resumed(why)
                return
        self._owner.ended(error)
