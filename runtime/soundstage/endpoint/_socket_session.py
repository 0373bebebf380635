"""A session over a WebSocket: its events and its audio take the same way."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from soundstage.endpoint._socket import FAILED, Socket
from soundstage.kernel import AsyncClock
from soundstage.units import FRAME_SAMPLES, samples_of_ms, samples_of_seconds, seconds_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.websockets import WebSocket

    from soundstage.endpoint._endpoint_session import EndpointSession
    from soundstage.endpoint._workshop import Workshop
    from soundstage.kernel import Timer
    from soundstage.units import Samples

_log = logging.getLogger("soundstage.endpoint")

TICK: Final[Samples] = FRAME_SAMPLES
"""How often a session that makes something is told the time: as often as one with tracks."""

RESTING_TICK: Final[Samples] = samples_of_ms(200)
"""How often any other is; most sessions wait for their client most of the time."""

HEARD_AT_ONCE: Final = 25
"""Frames that are heard before everybody else has a turn: a client may append minutes of audio."""

IDLE: Final[Samples] = samples_of_seconds(15 * 60)
"""How long a client may send nothing at all."""


class SocketSession:
    """One session, from its first event to the end of its WebSocket.

    Args:
        ident: a name for logs.
        socket: the WebSocket, accepted.
        make_session: makes its session, given what sends an event to the client.
        workshop: calls later.
        idle: how long the client may be silent.

    Raises:
        ClientFault: the session's configuration is wrong.
    """

    def __init__(
        self,
        ident: str,
        socket: WebSocket,
        make_session: Callable[[Callable[[bytes], None]], EndpointSession],
        workshop: Workshop,
        idle: Samples = IDLE,
    ) -> None:
        self.ident = ident
        self._socket = Socket(socket)
        self._session = make_session(self._socket.send)
        self._workshop = workshop
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
        self._next_tick = self._workshop.after(RESTING_TICK if self._rests else TICK, self._tick)

    def _tick(self) -> None:
        now = self._clock.now()
        self._session.on_tick(now)
        if now - self._came > self._idle and not self._session.closed:
            minutes = seconds_of(self._idle) / 60
            self._session.expire(f"Your session was idle for {minutes:g} minutes.")
        if self._session.dropped:
            self._socket.end(FAILED)
        elif self._session.closed:
            self._socket.end(reason="session_expired")
        else:
            self._tick_later()
