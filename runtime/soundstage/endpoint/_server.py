"""The endpoint as a server on a port of its own."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

import uvicorn

from soundstage.endpoint._app import build_app
from soundstage.endpoint._switchboard import Switchboard
from soundstage.errors import PortTaken

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from soundstage.endpoint._endpoint_session import CallPlan
    from soundstage.realtime import Ids
    from soundstage.speech import Engines

LOOPBACK = "127.0.0.1"
_LAST = 1.0
"""Seconds that the HTTP side may take to end."""


class EndpointServer:
    """Serves the local endpoint on the running event loop.

    Args:
        choose: how a call is answered, from its session and its HTTP headers.
        engines: recognise and synthesise.
        ids: for calls and ephemeral keys.
        port: 0 for any that is free.
    """

    def __init__(
        self,
        choose: Callable[[Mapping[str, Any], Mapping[str, str]], CallPlan],
        *,
        engines: Engines,
        ids: Ids,
        port: int = 0,
    ) -> None:
        self._choose = choose
        self._engines = engines
        self._ids = ids
        self._port = port
        self._board: Switchboard | None = None
        self._server: uvicorn.Server | None = None
        self._serving: asyncio.Task[None] | None = None

    @property
    def base_url(self) -> str:
        """Where clients reach it, ending in `/v1`; known once it has been started."""
        return f"http://{LOOPBACK}:{self._port}/v1"

    async def start(self) -> str:
        """Listen; returns `base_url`.

        Raises:
            PortTaken: the port is in use, or may not be used.
        """
        listener = self._listen()
        self._port = listener.getsockname()[1]
        self._board = Switchboard(self._choose, engines=self._engines, ids=self._ids)
        self._board.warm_up()
        config = uvicorn.Config(
            build_app(self._require_board), log_config=None, access_log=False, lifespan="off"
        )
        self._server = _Server(config)
        self._serving = asyncio.get_running_loop().create_task(
            self._server.serve(sockets=[listener])
        )
        return self.base_url

    async def close(self) -> None:
        """Hang up every call, and stop listening."""
        if self._board is not None:
            await self._board.close()
        if self._server is None or self._serving is None:
            return
        self._server.should_exit = True
        _, late = await asyncio.wait([self._serving], timeout=_LAST)
        for task in late:
            task.cancel()
            await asyncio.wait([task])

    def _listen(self) -> socket.socket:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            if self._port:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((LOOPBACK, self._port))
            listener.listen()
            listener.setblocking(False)  # noqa: FBT003 - its name says it
        except OSError as error:
            listener.close()
            raise PortTaken(
                f"the local endpoint cannot listen on {LOOPBACK}:{self._port}: {error.strerror}; "
                "choose another port, or 0 for any that is free"
            ) from error
        return listener

    def _require_board(self) -> Switchboard:
        if self._board is None:
            raise AssertionError("the application serves only once the server has been started")
        return self._board


class _Server(uvicorn.Server):
    """A server that leaves signals to whoever owns the process."""

    def install_signal_handlers(self) -> None:
        """None: it runs inside a run."""

    def capture_signals(self) -> Any:
        """None, as above."""
        return _nothing()


class _nothing:  # noqa: N801 - a context, used as one
    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass
