"""A call over WebRTC: a link, a session, and the pace that joins them; and its sidebands."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from soundstage.endpoint.access_log import log_event
from soundstage.endpoint.api_error import ApiError
from soundstage.endpoint.transports.websocket_session import HEARD_AT_ONCE, WebSocketConnection
from soundstage.errors import ConnectError
from soundstage.kernel import AsyncClock
from soundstage.units import samples_of_ms
from soundstage.webrtc import answer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.websockets import WebSocket

    from soundstage.endpoint.endpoint_session import EndpointSession
    from soundstage.webrtc import PeerLink, Reach

_log = logging.getLogger("soundstage.endpoint")

MOST_SIDEBANDS: Final = 8
"""Sidebands of one call."""

_LAST_WORDS: Final = samples_of_ms(200)
"""How long a session that has expired is still there, so that its last event arrives."""


class Call:
    """One call that was answered.

    Args:
        ident: its id.
        make_session: makes its session, given what sends an event to the client.
        on_end: called once, when the call has ended by itself.

    Attributes:
        session: its session.

    Raises:
        ClientFault: the session's configuration is wrong.
    """

    def __init__(
        self,
        ident: str,
        make_session: Callable[[Callable[[bytes], None]], EndpointSession],
        on_end: Callable[[Call], None],
    ) -> None:
        self.ident = ident
        self._on_end = on_end
        self.session = make_session(self._send)
        self._link: PeerLink | None = None
        self._has_channel = False
        self._sidebands: list[Sideband] = []
        self._pace: asyncio.Task[None] | None = None
        self._ended = False

    async def answer(self, offer: str, channel_id: int | None, reach: Reach = "loopback") -> str:
        """The SDP answer to an offer.

        Raises:
            ConnectError: the offer cannot be answered, or the call was closed meanwhile.
        """
        self._has_channel = "\nm=application" in offer
        described, link = await answer(
            offer,
            on_open=self._begin,
            on_event=self._take_event,
            on_lost=self._lose,
            reach=reach,
            channel_id=channel_id,
        )
        if self._ended:
            await link.close()
            raise ConnectError("the call was hung up before it was answered")
        self._link = link
        if not self._has_channel:
            # No channel will open: such a caller speaks and listens all the same.
            self._begin()
        return described

    async def close(self) -> None:
        """End the call, and leave nothing of it."""
        self._ended = True
        self.session.close()
        for sideband in self._sidebands:
            sideband.end()
        if self._pace is not None:
            self._pace.cancel()
            await asyncio.wait([self._pace])
        if self._link is not None:
            await self._link.close()

    def attach(self, sideband: Sideband) -> None:
        """Let a sideband have the events that are sent from now on.

        Raises:
            ApiError: the call has as many as it may have.
        """
        if len(self._sidebands) >= MOST_SIDEBANDS:
            message = f"A call may have at most {MOST_SIDEBANDS} sidebands."
            raise ApiError(429, "rate_limit_exceeded", message)
        self._sidebands.append(sideband)

    def detach(self, sideband: Sideband) -> None:
        """Send a sideband no more events."""
        self._sidebands.remove(sideband)

    def _take_event(self, text: str | bytes) -> None:
        self.session.on_message(text)

    def _begin(self) -> None:
        if self._pace is None and not self._ended:
            self._open()
            self._pace = asyncio.get_running_loop().create_task(self._keep_pace())

    def _open(self) -> None:
        self.session.open()

    async def _keep_pace(self) -> None:
        clock = AsyncClock()
        try:
            async for pts in clock.ticks():
                self._exchange_frames(pts)
                if self.session.dropped and await self._drop(self.session.dropped):
                    break
                if self.session.closed:
                    await clock.sleep(_LAST_WORDS)
                    break
        except Exception as error:  # noqa: BLE001 - whatever it is, only this call is lost
            _log.exception("call %s has failed", self.ident)
            self._lose(error)
        else:
            self._lose(None)

    async def _drop(self, what: str) -> bool:
        """Let the client lose something; whether that is the whole call."""
        if self._link is not None and what == "channel":
            self._link.close_channel()
        if self._link is not None and what == "path":
            await self._link.vanish()
        return what == "connection"

    def _exchange_frames(self, pts: int) -> None:
        if self._link is not None:
            self.session.on_frame(self._link.take())
            self._link.play(self.session.on_tick(pts))

    def _send(self, event: bytes) -> None:
        for sideband in self._sidebands:
            sideband.send(event)
        if self._link is not None and self._has_channel:
            self._link.send(event)

    def _lose(self, error: Exception | None) -> None:
        if not self._ended:
            self._ended = True
            log_event(
                "a call ends by itself", call=self.ident, why=error or "its session has ended"
            )
            self._on_end(self)


class Sideband:
    """One WebSocket on a call: it sends and receives the call's events, and ends with it.

    Args:
        call: the call.
        socket: the WebSocket.
    """

    def __init__(self, call: Call, socket: WebSocket) -> None:
        self._call = call
        self._socket = WebSocketConnection(socket)
        self._clock = AsyncClock()

    async def run(self, accept: Callable[[], Awaitable[None]]) -> str:
        """Serve the sideband until it, or its call, is over; why, in words for a log.

        Args:
            accept: accepts the WebSocket, once the call has taken the sideband.

        Raises:
            ApiError: the call has as many sidebands as it may have.
        """
        self._call.attach(self)
        try:
            await accept()
            self.begin()
            return await self._socket.run(self._take)
        finally:
            self._call.detach(self)

    def begin(self) -> None:
        """The call has taken it: it is told what comes from now on."""

    def send(self, event: bytes) -> None:
        """Send one of the call's events."""
        self._socket.send(event)

    def end(self) -> None:
        """The call is over."""
        self._socket.end(reason="the call is over")

    async def _take(self, text: str | bytes) -> None:
        self._call.session.take_message(text)
        while self._call.session.hear_appended(HEARD_AT_ONCE):
            await self._clock.sleep(0)
