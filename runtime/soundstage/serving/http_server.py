"""An HTTP server on a running event loop, in a process that has its own signal handlers.

uvicorn by itself waits for ever for a request that does not come, and takes any number of
connections; here a connection has a deadline for each part of a request, and they are limited.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import uvicorn
from starlette.requests import ClientDisconnect
from uvicorn.protocols.http.h11_impl import H11Protocol

from soundstage.units import Samples, samples_of_seconds, seconds_of

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Generator

    from fastapi import FastAPI
    from starlette.types import ASGIApp, Receive, Scope, Send

CLOSES_WITHIN: Final = samples_of_seconds(1.5)
"""The deadline of `close`, where no other is given."""

REQUEST_WITHIN: Final = 10.0
"""Seconds from connecting, or from the first byte of a further request, to the end of its head."""

BODY_WITHIN: Final = 30.0
"""Seconds from the end of a request's head to the end of its body, however it trickles in."""

MOST_CONNECTIONS: Final = 512
"""Where no other number is given; a page needs a few for each of its readers."""

_SHARE: Final = 0.75
"""Of the process's file descriptors, what connections may take: calls need others."""

_Part: TypeAlias = Literal["head", "body"]

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
    """The protocol of one connection, which ends unless a whole head, and its body, come in time.

    No key is needed to connect, so one connection too many is closed at once.
    """

    _deadline: asyncio.TimerHandle | None = None
    _watched: _Part | None = None

    def __init__(self, *arguments: Any, tls_advice: str, most: int, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._tls_advice = tls_advice
        self._most = most

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        if len(self.connections) > self._most:
            # No more than this: a line for each would let a client fill the log.
            _log.debug("there are %d connections: one more is closed", self._most)
            transport.abort()
            return
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
        """Have a deadline exactly while a part of a request is waited for."""
        part = self._part
        if part == self._watched:
            return
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        self._watched = part
        if part is not None:
            within = REQUEST_WITHIN if part == "head" else BODY_WITHIN
            self._deadline = self.loop.call_later(within, self._give_up)

    def _give_up(self) -> None:
        # A request that was buffered behind another may have begun without any new bytes.
        if self._part == self._watched:
            self.transport.close()
        else:
            self._watch()

    @property
    def _part(self) -> _Part | None:
        """What is waited for: the head of a request, its body, or nothing of it."""
        # A connection that was lost, or is a WebSocket by now, is no longer among them.
        if self not in self.connections:
            return None
        if not self.cycle or self.cycle.response_complete:
            return "head"
        return "body" if self.cycle.more_body else None


class HttpServer:
    """Serves an application on the running event loop.

    Args:
        app: the application.
        listener: the socket, which is closed with the server.
        tls: lets it speak TLS, with this certificate; None for plain HTTP.
        tls_advice: follows the warning that a client speaks TLS where the port is plain.
        most_connections: that are open at once; fewer where the process may open few files.
        options: further ones of uvicorn's, such as those of WebSockets, which are off otherwise.
    """

    def __init__(
        self,
        app: FastAPI,
        listener: socket.socket,
        *,
        tls: ssl.SSLContext | None = None,
        tls_advice: str = "",
        most_connections: int = MOST_CONNECTIONS,
        **options: Any,
    ) -> None:
        self._listener = listener
        self._serving: asyncio.Task[None] | None = None
        # uvicorn takes any callable that makes a protocol, whatever its annotation says.
        protocol: Any = partial(
            HttpProtocol, tls_advice=tls_advice, most=min(most_connections, _most_descriptors())
        )
        if tls is not None:

            def context(*_: object) -> ssl.SSLContext:
                return tls

            options["ssl_context_factory"] = context
        self._server = _Server(
            uvicorn.Config(_WithoutTheGone(app), http=protocol, **_OPTIONS | options)
        )

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


class _WithoutTheGone:
    """An application that says nothing of a client which is gone before its request has come."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except ClientDisconnect:
            _log.debug("a client was gone before its request had come")


def _most_descriptors() -> int:
    """How many files connections may take of those that the process may open."""
    if sys.platform == "win32":
        return sys.maxsize  # sockets are no files there
    import resource  # noqa: PLC0415 - Windows has no such module

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if soft == resource.RLIM_INFINITY else max(1, int(soft * _SHARE))


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
