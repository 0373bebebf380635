"""One accepted WebSocket: events both ways, until either side has enough."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from starlette.websockets import WebSocketDisconnect

from soundstage.endpoint._outlet import Outlet
from soundstage.kernel import AsyncClock

if TYPE_CHECKING:
    from starlette.websockets import WebSocket

_log = logging.getLogger("soundstage.endpoint")

Take: TypeAlias = Callable[[str | bytes], Awaitable[None]]
"""Takes one message of the client."""

NORMAL: Final = 1000
UNREAD: Final = 1008
FAILED: Final = 1011

_LAST_WORDS: Final = 1.0
"""Seconds in which a client that is closed down may still read what waits for it."""


class Socket:
    """Sends events in their order, and hands on what comes, a message at a time.

    Between two messages everybody else on the loop has a turn, and while the client does not
    read what it is sent nothing is read of what it sends.

    Args:
        socket: the WebSocket, accepted.
    """

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._outlet = Outlet()
        self._clock = AsyncClock()
        self._code, self._reason = NORMAL, ""

    def send(self, event: bytes) -> None:
        """Send one event; never waits."""
        self._outlet.put(event)

    def end(self, code: int = NORMAL, reason: str = "") -> None:
        """Close the socket once everything has been sent; the first reason counts."""
        if not self._outlet.closed:
            self._code, self._reason = code, reason
            self._outlet.close()

    async def run(self, take: Take) -> str:
        """Serve the socket until it is over.

        Args:
            take: takes one message of the client; what it raises ends the socket.

        Returns:
            Why it is over, in words for a log.
        """
        loop = asyncio.get_running_loop()
        writing, reading = loop.create_task(self._write()), loop.create_task(self._read(take))
        try:
            await asyncio.wait({writing, reading}, return_when=asyncio.FIRST_COMPLETED)
            if self._outlet.closed:
                await asyncio.wait({writing}, timeout=_LAST_WORDS)
        finally:
            for task in (reading, writing):
                task.cancel()
            await asyncio.wait({reading, writing})
        if self._outlet.closed or reading.cancelled():
            return self._reason or "the connection is gone"
        return reading.result()

    async def _read(self, take: Take) -> str:
        try:
            while True:
                await self._outlet.wait_for_room()
                message = await self._socket.receive()
                if message["type"] == "websocket.disconnect":
                    return f"the client left with code {message.get('code')}"
                text = message.get("text")
                await take(message.get("bytes") or b"" if text is None else text)
                await self._clock.sleep(0)
        except Exception:  # noqa: BLE001 - whatever it is, only this socket is lost
            _log.exception("a session over a WebSocket has failed")
            self.end(FAILED, "server_error")
            return "it failed"

    async def _write(self) -> None:
        try:
            while (event := await self._outlet.take()) is not None:
                await self._socket.send_text(event.decode())
            if self._outlet.overflown:
                self._code, self._reason = UNREAD, "the client does not read its events"
            await self._socket.close(self._code, self._reason)
        except (WebSocketDisconnect, RuntimeError):
            pass  # the client has gone: the reader says so
