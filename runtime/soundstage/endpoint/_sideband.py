"""A sideband: a second way to the session of a call, for the client's own server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.endpoint._socket import Socket
from soundstage.endpoint._socket_session import HEARD_AT_ONCE
from soundstage.kernel import AsyncClock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.websockets import WebSocket

    from soundstage.endpoint._calls import Call


class Sideband:
    """One WebSocket on a call: it sends and receives the call's events, and ends with it.

    Args:
        call: the call.
        socket: the WebSocket.
    """

    def __init__(self, call: Call, socket: WebSocket) -> None:
        self._call = call
        self._socket = Socket(socket)
        self._clock = AsyncClock()

    async def run(self, accept: Callable[[], Awaitable[None]]) -> str:
        """Serve the sideband until it, or its call, is over; why, in words for a log.

        Args:
            accept: accepts the WebSocket, once the call has taken the sideband.

        Raises:
            Refusal: the call has as many sidebands as it may have.
        """
        self._call.attach(self)
        try:
            await accept()
            return await self._socket.run(self._take)
        finally:
            self._call.detach(self)

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
