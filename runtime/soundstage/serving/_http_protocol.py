"""uvicorn's HTTP protocol, which otherwise waits for good for a request that does not come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio

REQUEST_WITHIN: Final = 10.0
"""Seconds from connecting, or from the first byte of a further request, to the end of its head."""


class HttpProtocol(H11Protocol):
    """The protocol of one connection, which ends unless a whole head comes in time.

    Anybody can connect without a key, and there are only so many connections.
    """

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Take in what came."""
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended, in whatever way."""
        super().connection_lost(exc)
        self._watch()

    def _watch(self) -> None:
        """Have a deadline exactly while the head of a request is waited for."""
        if self._waits and self._deadline is None:
            self._deadline = self.loop.call_later(REQUEST_WITHIN, self._give_up)
        elif not self._waits and self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        # A request that was buffered behind another may have begun without any new bytes.
        if self._waits:
            self.transport.close()

    @property
    def _waits(self) -> bool:
        # A connection that was lost, or is a WebSocket by now, is no longer among them.
        return self in self.connections and (not self.cycle or self.cycle.response_complete)
