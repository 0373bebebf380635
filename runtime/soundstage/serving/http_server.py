"""An HTTP server on a running event loop, in a process that has its own signal handlers.

uvicorn by itself waits for ever for a request that does not come; here a connection has a deadline.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from soundstage.units import Samples, samples_of_seconds, seconds_of

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Generator

    from fastapi import FastAPI

CLOSES_WITHIN: Final = samples_of_seconds(1.5)
"""The deadline of `close`, where no other is given."""

REQUEST_WITHIN: Final = 10.0
"""Seconds from connecting, or from the first byte of a further request, to the end of its head."""

_TLS_HELLO: Final = b"\x16\x03"
"""How a TLS connection begins: a handshake record (RFC 8446, 5.1), which no HTTP request does."""

_log = logging.getLogger("soundstage")

_OPTIONS: Final[dict[str, Any]] = {
    "lifespan": "off",
    "ws": "none",
    "access_log": False,
    "log_config": None,
    "log_level": "warning",
    "timeout_graceful_shutdown": 1,
}


class HttpProtocol(H11Protocol):
    """The protocol of one connection, which ends unless a whole head comes in time.

    No key is needed to connect, and the number of connections is limited.
    """

    _deadline: asyncio.TimerHandle | None = None

    def __init__(self, *arguments: Any, tls_advice: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._tls_advice = tls_advice

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Take in what came."""
        if data.startswith(_TLS_HELLO) and not self.transport.get_extra_info("sslcontext"):
            _log.warning(
                "a client speaks TLS to a plain port: its base URL must begin with http:// (ws:// "
                "for a WebSocket)%s",
                self._tls_advice,
            )
            self.transport.close()
            return
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended."""
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


class HttpServer:
    """Serves an application on the running event loop.

    Args:
        app: the application.
        listener: the socket, which is closed with the server.
        tls: lets it speak TLS, with this certificate; None for plain HTTP.
        tls_advice: follows the warning that a client speaks TLS where the port is plain.
        options: further ones of uvicorn's, such as those of WebSockets, which are off otherwise.
    """

    def __init__(
        self,
        app: FastAPI,
        listener: socket.socket,
        *,
        tls: ssl.SSLContext | None = None,
        tls_advice: str = "",
        **options: Any,
    ) -> None:
        self._listener = listener
        self._serving: asyncio.Task[None] | None = None
        # uvicorn takes any callable that makes a protocol, whatever its annotation says.
        protocol: Any = partial(HttpProtocol, tls_advice=tls_advice)
        if tls is not None:

            def context(*_: object) -> ssl.SSLContext:
                return tls

            options["ssl_context_factory"] = context
        self._server = _Server(uvicorn.Config(app, http=protocol, **_OPTIONS | options))

    async def start(self) -> None:
        """Begin to serve; returns when clients can connect."""
        loop = asyncio.get_running_loop()
        self._serving = loop.create_task(self._server.serve(sockets=[self._listener]))
        await self._server.listening.wait()

    def stop(self) -> None:
        """Take no more requests."""
        self._server.should_exit = True

    async def close(self, within: Samples = CLOSES_WITHIN) -> None:
        """Finish the requests that are under way, if they end within this time."""
        self.stop()
        if self._serving is not None:
            await asyncio.wait([self._serving], timeout=max(0.0, seconds_of(within)))
            self._serving.cancel()
            await asyncio.wait([self._serving])
        self._listener.close()


class _Server(uvicorn.Server):
    """A server that leaves signals to the process in which it runs."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave signals alone."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Say when clients can connect."""
        await super().startup(sockets)
        self.listening.set()
