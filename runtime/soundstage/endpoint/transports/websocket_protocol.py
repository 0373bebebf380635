"""uvicorn's WebSocket protocol, made safe against clients that mean harm.

uvicorn answers every ping, even to a client that does not read the answers, and however many
come; it takes in all that lies in its buffer before anything else happens, and a message in as many
frames as a client likes, empty ones too; and it waits for good until a client that is closed down
has read what lies in its buffer.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

if TYPE_CHECKING:
    from uvicorn._types import ASGIReceiveEvent, ASGISendEvent
    from websockets.frames import Frame

MOST_PINGS: Final = 100
"""Pings within `PINGS_COUNTED` seconds; a client that is well sends one in twenty seconds."""

PINGS_COUNTED: Final = 10.0

MOST_UNREAD: Final = 64 * 1024
"""Bytes that may lie unread when a ping comes."""

MOST_FRAMES: Final = 10_000
"""Frames of one message: the largest one is as many in pieces of 2 KiB."""

_SLICE: Final = 2048
"""Bytes that are taken in before other connections have their turn; 340 frames at most."""

_LINGERS: Final = 5.0
_POLICY: Final = 1008


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """The protocol of one connection."""

    _pings = 0
    _pings_since = 0.0
    _last_call: asyncio.TimerHandle | None = None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._untaken = bytearray()

    def data_received(self, data: bytes) -> None:
        """Take in what came a little at a time, and let others have their turn between."""
        takes = bool(self._untaken)
        self._untaken += data
        if not takes:
            self._take()

    def _take(self) -> None:
        if self.transport.is_closing():
            self._untaken.clear()
            return
        data = bytes(self._untaken[:_SLICE])
        del self._untaken[:_SLICE]
        super().data_received(data)
        if self._untaken:
            self.transport.pause_reading()
            self.loop.call_soon(self._take)
        elif not self.read_paused:
            self.transport.resume_reading()

    async def receive(self) -> ASGIReceiveEvent:
        """The next message for the application."""
        message = await super().receive()
        if self._untaken:
            self.transport.pause_reading()  # it has just been resumed
        return message

    def handle_cont(self, event: Frame) -> None:
        """Add a frame to its message, which may not have too many."""
        if self.close_sent:
            return
        if len(self.frames) >= MOST_FRAMES:
            self.logger.warning("a client sends a message in too many frames; it is cut off")
            self.conn.fail(_POLICY, "too many frames in a message")
            self.handle_parser_exception()
            return
        super().handle_cont(event)

    def handle_ping(self) -> None:
        """Answer a ping, unless it is part of a flood."""
        if self.close_sent:
            return
        now = self.loop.time()
        if now - self._pings_since > PINGS_COUNTED:
            self._pings, self._pings_since = 0, now
        self._pings += 1
        if self._pings > MOST_PINGS or self.transport.get_write_buffer_size() > MOST_UNREAD:
            self.logger.warning("a client floods its WebSocket with pings; it is cut off")
            self.conn.fail(_POLICY, "too many pings")
            self.handle_parser_exception()
            return
        super().handle_ping()

    async def send(self, message: ASGISendEvent) -> None:
        """Send what the application says; an answer in place of the handshake completes it."""
        await super().send(message)
        if self.initial_response is not None and self.close_sent:
            self.handshake_complete = True

    async def run_asgi(self) -> None:
        """Serve the connection, and see that it ends soon after that."""
        await super().run_asgi()
        if not self.disconnected:
            self._last_call = self.loop.call_later(_LINGERS, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended, in whatever way."""
        super().connection_lost(exc)
        if self._last_call is not None:
            self._last_call.cancel()
