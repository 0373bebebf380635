"""A session over a WebSocket: its events and its audio take the same way."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from starlette.websockets import WebSocketDisconnect

from soundstage.kernel import AsyncClock
from soundstage.units import FRAME_SAMPLES, samples_of_ms, samples_of_seconds, seconds_of

if TYPE_CHECKING:
    from starlette.websockets import WebSocket

    from soundstage.endpoint.endpoint_session import EndpointSession
    from soundstage.endpoint.job_runner import SessionHost
    from soundstage.kernel import Timer
    from soundstage.units import Samples

_log = logging.getLogger("soundstage.endpoint")

TICK: Final[Samples] = FRAME_SAMPLES
"""How often a session that makes something is told the time: as often as one with tracks."""

RESTING_TICK: Final[Samples] = samples_of_ms(200)
"""How often any other is; most sessions wait for their client most of the time."""

HEARD_AT_ONCE: Final = 25
"""Frames that are heard before other sessions have a turn: a client may append minutes of audio."""

IDLE: Final[Samples] = samples_of_seconds(15 * 60)
"""How long a client may send nothing at all."""

Take: TypeAlias = Callable[[str | bytes], Awaitable[None]]
"""Takes one message of the client."""

NORMAL: Final = 1000
UNREAD: Final = 1008
FAILED: Final = 1011

_LAST_WORDS: Final = 1.0
"""Seconds in which a client that is closed down may still read what waits for it."""

MOST_WAITING: Final = 32 * 1024 * 1024
"""Bytes that may wait; who lets more of them lie is given up."""

MUCH_WAITING: Final = 1024 * 1024
"""Bytes from which on nothing more is asked of the client: it shall read first."""


class WebSocketSession:
    """One session, from its first event to the end of its WebSocket.

    Args:
        ident: a name for logs.
        socket: the WebSocket, accepted.
        make_session: makes its session, given what sends an event to the client.
        host: calls later.
        idle: how long the client may be silent.

    Raises:
        ClientFault: the session's configuration is wrong.
    """

    def __init__(
        self,
        ident: str,
        socket: WebSocket,
        make_session: Callable[[Callable[[bytes], None]], EndpointSession],
        host: SessionHost,
        idle: Samples = IDLE,
    ) -> None:
        self.ident = ident
        self._socket = WebSocketConnection(socket)
        self._session = make_session(self._socket.send)
        self._host = host
        self._idle = idle
        self._clock = AsyncClock()
        self._came: Samples = 0
        self._rests = False
        self._next_tick: Timer | None = None

    async def run(self) -> str:
        """Serve the session until it is over; why, in words for a log."""
        self._session.open()
        self._tick()
        try:
            return await self._socket.run(self._take)
        finally:
            self._session.close()
            if self._next_tick is not None:
                self._next_tick.cancel()

    def end(self, code: int, reason: str) -> None:
        """End it from this side."""
        self._socket.end(code, reason)

    async def _take(self, text: str | bytes) -> None:
        self._came = self._clock.now()
        self._session.on_tick(self._came)
        self._session.take_message(text)
        self._wake()
        while self._session.hear_appended(HEARD_AT_ONCE):
            await self._clock.sleep(0)
        self._wake()

    def _wake(self) -> None:
        if self._rests and self._session.busy and self._next_tick is not None:
            self._next_tick.cancel()
            self._tick_later()

    def _tick_later(self) -> None:
        self._rests = not self._session.busy
        self._next_tick = self._host.after(RESTING_TICK if self._rests else TICK, self._tick)

    def _tick(self) -> None:
        now = self._clock.now()
        self._session.on_tick(now)
        if now - self._came > self._idle and not self._session.closed:
            minutes = seconds_of(self._idle) / 60
            self._session.expire(f"Your session was idle for {minutes:g} minutes.")
        if self._session.dropped:
            self._socket.end(FAILED)
        elif self._session.closed:
            self._socket.end(reason=self._session.end_reason)
        else:
            self._tick_later()


class WebSocketConnection:
    """Sends events in their order, and hands on what comes, a message at a time.

    Between two messages the other tasks of the loop have a turn, and while the client does not
    read what it is sent nothing is read of what it sends.

    Args:
        socket: the WebSocket, accepted.
    """

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._queue = SendQueue()
        self._clock = AsyncClock()
        self._code, self._reason = NORMAL, ""

    def send(self, event: bytes) -> None:
        """Send one event; never waits."""
        self._queue.put(event)

    def end(self, code: int = NORMAL, reason: str = "") -> None:
        """Close the socket once everything has been sent; the first reason counts."""
        if not self._queue.closed:
            self._code, self._reason = code, reason
            self._queue.close()

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
            if self._queue.closed:
                await asyncio.wait({writing}, timeout=_LAST_WORDS)
        finally:
            for task in (reading, writing):
                task.cancel()
            await asyncio.wait({reading, writing})
        if self._queue.closed or reading.cancelled():
            return self._reason or "the connection is gone"
        return reading.result()

    async def _read(self, take: Take) -> str:
        try:
            while True:
                await self._queue.wait_for_room()
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
            while (event := await self._queue.take()) is not None:
                await self._socket.send_text(event.decode())
            if self._queue.overflown:
                self._code, self._reason = UNREAD, "the client does not read its events"
            await self._socket.close(self._code, self._reason)
        except (WebSocketDisconnect, RuntimeError):
            pass  # the client has gone: the reader says so


class SendQueue:
    """A queue of events, bounded by their size; on one event loop.

    Attributes:
        overflown: whether the client has let too much lie.
    """

    def __init__(self) -> None:
        self.overflown = False
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._closed = False
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    @property
    def closed(self) -> bool:
        """Whether it takes no more events."""
        return self._closed

    def put(self, event: bytes) -> None:
        """Put an event behind the others; ignored once it is closed."""
        if self._closed:
            return
        self._size += len(event)
        if self._size > MOST_WAITING:
            self.overflown = True
            self._waiting.clear()
            self.close()
            return
        self._waiting.append(event)
        self._news.set()
        if self._size > MUCH_WAITING:
            self._room.clear()

    def close(self) -> None:
        """Take no more events; what waits can still be taken."""
        self._closed = True
        self._news.set()
        self._room.set()

    async def take(self) -> bytes | None:
        """The next event; None once it is closed and empty."""
        while not self._waiting:
            if self._closed:
                return None
            self._news.clear()
            await self._news.wait()
        event = self._waiting.popleft()
        self._size -= len(event)
        if self._size <= MUCH_WAITING:
            self._room.set()
        return event

    async def wait_for_room(self) -> None:
        """Wait while much lies here."""
        await self._room.wait()
