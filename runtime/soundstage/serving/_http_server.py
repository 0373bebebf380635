"""An HTTP server in the process and on the event loop of another program."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import uvicorn

from soundstage.serving._http_protocol import HttpProtocol
from soundstage.units import Samples, samples_of_seconds, seconds_of

if TYPE_CHECKING:
    import socket
    from collections.abc import Generator

    from fastapi import FastAPI

CLOSES_WITHIN: Final = samples_of_seconds(1.5)
"""The deadline of `close`, where no other is given."""

_OPTIONS: Final[dict[str, Any]] = {
    "lifespan": "off",
    "http": HttpProtocol,
    "ws": "none",
    "access_log": False,
    "log_config": None,
    "log_level": "warning",
    "timeout_graceful_shutdown": 1,
}


class HttpServer:
    """Serves an application on the running event loop.

    Args:
        app: the application.
        listener: the socket, which is closed with the server.
        options: further ones of uvicorn's, such as those of WebSockets, which are off otherwise.
    """

    def __init__(self, app: FastAPI, listener: socket.socket, **options: Any) -> None:
        self._listener = listener
        self._serving: asyncio.Task[None] | None = None
        self._server = _Server(
            uvicorn.Config(
                app,
                **_OPTIONS | options,
            )
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
        """Finish the requests that are under way, whatever it takes within this time."""
        self.stop()
        if self._serving is not None:
            await asyncio.wait([self._serving], timeout=max(0.0, seconds_of(within)))
            self._serving.cancel()
            await asyncio.wait([self._serving])
        self._listener.close()


class _Server(uvicorn.Server):
    """A server in the process of another program, which gets the signals."""

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
