"""The endpoint as a server on a port of its own."""

from __future__ import annotations

import asyncio
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import uvicorn

from soundstage.endpoint._app import build_app
from soundstage.endpoint._keys import EphemeralKeys
from soundstage.endpoint._switchboard import MOST_CALLS, Switchboard
from soundstage.endpoint._threads import ThreadWorkshop
from soundstage.endpoint._workshop import Craft
from soundstage.errors import PortTaken
from soundstage.kernel import AsyncClock, utc_now
from soundstage.units import Samples, samples_of_seconds, seconds_of

if TYPE_CHECKING:
    from collections.abc import Generator

    from soundstage.endpoint._plan import Choose
    from soundstage.realtime import Ids
    from soundstage.speech import Engines

LOOPBACK: Final = "127.0.0.1"

CLOSES_WITHIN: Final = samples_of_seconds(1.5)
"""The deadline of `close`, where no other is given."""


class EndpointServer:
    """Serves the local endpoint on the running event loop; nobody but this machine reaches it.

    Args:
        choose: how a call is answered, from its session and its HTTP headers; an agent of a run
            is named by the header `X-Soundstage-Agent`, strangers send none.
        engines: voice activity, recognition, synthesis.
        ids: for calls and sessions.
        port: 0 for any that is free.
        most_calls: how many calls there may be at once.

    Attributes:
        base_url: where clients reach it, ending in `/v1`; known once it has been started.
    """

    def __init__(
        self,
        choose: Choose,
        *,
        engines: Engines,
        ids: Ids,
        port: int = 0,
        most_calls: int = MOST_CALLS,
    ) -> None:
        self._choose = choose
        self._engines = engines
        self._ids = ids
        self._port = port
        self._most_calls = most_calls
        self._workshop: ThreadWorkshop | None = None
        self._board: Switchboard | None = None
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None
        self.base_url = ""

    async def start(self) -> str:
        """Load the engines and listen; what fails leaves nothing behind.

        Returns:
            `base_url`.

        Raises:
            PortTaken: the port is in use, or may not be used.
            EngineMissing: a speech engine is not installed.
            WeightsMismatch: a model is not the one that was tested.
        """
        listener = _listen(self._port)
        self.base_url = f"http://{LOOPBACK}:{listener.getsockname()[1]}/v1"
        try:
            self._workshop = ThreadWorkshop(asyncio.get_running_loop())
            await self._load_engines(self._workshop)
            await self._serve(listener, self._workshop)
        except BaseException:
            listener.close()
            await self.close()
            raise
        return self.base_url

    async def close(self, within: Samples = CLOSES_WITHIN) -> None:
        """Hang up every call and stop listening, whatever it takes within this time."""
        clock = AsyncClock()
        if self._server is not None:
            self._server.should_exit = True
        if self._board is not None:
            await self._board.close(within - clock.now())
        if self._serving is not None:
            await asyncio.wait([self._serving], timeout=seconds_of(within - clock.now()))
            self._serving.cancel()
            await asyncio.wait([self._serving])
        if self._workshop is not None:
            await self._workshop.close(within - clock.now())

    async def _load_engines(self, workshop: ThreadWorkshop) -> None:
        """Now and not in the first turn: nobody shall wait for it in a conversation."""
        engines = self._engines
        await asyncio.gather(
            workshop.run(Craft.COMPOSE, lambda: engines.vad),
            workshop.run(Craft.RECOGNISE, lambda: engines.recognizer),
            workshop.run(Craft.SYNTHESISE, lambda: engines.synthesizer),
        )

    async def _serve(self, listener: socket.socket, workshop: ThreadWorkshop) -> None:
        board = Switchboard(
            self._choose,
            engines=self._engines,
            workshop=workshop,
            ids=self._ids,
            unix_time=_unix_time,
            most_calls=self._most_calls,
        )
        self._board = board
        app = build_app(board, EphemeralKeys(_unix_time), self._ids)
        self._server = _Server(
            uvicorn.Config(
                app,
                lifespan="off",
                ws="none",
                access_log=False,
                log_config=None,
                log_level="warning",
                timeout_graceful_shutdown=1,
            )
        )
        self._serving = asyncio.get_running_loop().create_task(
            self._server.serve(sockets=[listener])
        )
        await self._server.listening.wait()


class _Server(uvicorn.Server):
    """A server within somebody else's process: that one gets the signals."""

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


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if port:
            # A port that was just closed would count as taken for a minute.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise PortTaken(
            f"the local endpoint cannot listen on {LOOPBACK}:{port} ({error.strerror}): "
            "choose another port, or 0 for any that is free"
        ) from error
    listener.settimeout(0)
    return listener


def _unix_time() -> int:
    return int(utc_now().timestamp())
