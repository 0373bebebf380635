"""The endpoint as a server on a port of its own."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Final

from soundstage.endpoint.http.app import build_app
from soundstage.endpoint.http.auth import EphemeralKeys
from soundstage.endpoint.job_runner import SessionHost
from soundstage.endpoint.session_registry import MOST_SESSIONS, SessionRegistry
from soundstage.endpoint.transports.websocket_protocol import WebSocketProtocol
from soundstage.endpoint.transports.websocket_session import IDLE
from soundstage.errors import UsageError
from soundstage.kernel import AsyncClock, JobKind, ThreadExecutor, calls_on, utc_now
from soundstage.realtime import Ids
from soundstage.serving import (
    CLOSES_WITHIN,
    LOOPBACK,
    AllowedOrigins,
    HttpServer,
    TlsFiles,
    is_loopback,
    kept_certificate,
    listen,
    names_of,
    url_of,
)
from soundstage.units import seconds_of

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterable

    from soundstage.endpoint.call_plan import Choose
    from soundstage.kernel import Executor, Timer
    from soundstage.speech import Engines
    from soundstage.units import Samples

MOST_MESSAGE_BYTES: Final = 21 * 1024 * 1024
"""One WebSocket message: 15 MiB of audio in base64, and the event around it."""

_MORE_CONNECTIONS: Final = 200
"""Beside two for each session: sidebands, and requests under way."""


class EndpointServer:
    """Serves the local endpoint on the running event loop.

    Only this machine reaches it, unless another host is given.

    Args:
        choose: how a session is answered, by the names that it asks for; an agent of a run is
            named by the header `X-Soundstage-Agent`, other clients by a model.
        engines: voice activity, recognition, synthesis.
        host: the address it listens on.
        port: 0 for any that is free.
        api_key: the one key that opens it; None where any does.
        most_sessions: how many sessions there may be at once.
        idle: how long the client of a WebSocket may send nothing.
        executor: does the slow work of its sessions; one of its own where none is given.
        behaviours: the names that a client may give as its model, for those that list models.
        strict: whether an ephemeral key for a voice that the service does not have is refused.
        tls: the certificate with which it speaks TLS, True for one that is made and kept; False
            for plain HTTP.
        allow_hosts: names by which clients may call this machine, beside its own.
        allow_origins: of pages that may use it, beside those of this machine; `*` for all.

    Raises:
        UsageError: other machines would reach it, and there is no key; or an origin is none.

    Attributes:
        base_url: where clients reach it, ending in `/v1`; known once it has been started.
        certificate: what clients must trust, where it speaks TLS; likewise.
    """

    def __init__(
        self,
        choose: Choose,
        *,
        engines: Engines,
        host: str = LOOPBACK,
        port: int = 0,
        api_key: str | None = None,
        most_sessions: int = MOST_SESSIONS,
        idle: Samples = IDLE,
        executor: Executor | None = None,
        behaviours: Callable[[], Iterable[str]] = tuple,
        strict: bool = False,
        tls: TlsFiles | bool = False,
        allow_hosts: Iterable[str] = (),
        allow_origins: Iterable[str] = (),
    ) -> None:
        if not api_key and not is_loopback(host):
            raise UsageError(
                f"other machines could use an endpoint on {host}: set a key that it asks for"
            )
        self._choose = choose
        self._engines = engines
        # What is known by its id can be joined or hung up: no seed may tell it.
        self._ids = Ids(secrets.SystemRandom())
        self._host = host
        self._port = port
        self._api_key = api_key
        self._most_sessions = most_sessions
        self._idle = idle
        self._executor = executor
        self._own_executor: ThreadExecutor | None = None
        self._registry: SessionRegistry | None = None
        self._server: HttpServer | None = None
        self._behaviours = behaviours
        self._strict = strict
        self._tls = tls
        self._allow_hosts = tuple(allow_hosts)
        self._allow_origins = tuple(allow_origins)
        # Now and not when it is started: what is wrong is the caller's to mend.
        self._allowed(())
        self.base_url = ""
        self.certificate: TlsFiles | None = None

    async def start(self) -> str:
        """Load the engines and listen; what fails leaves nothing behind.

        Returns:
            `base_url`.

        Raises:
            PortTaken: the port is in use, or may not be used.
            EngineMissing: a speech engine is not installed.
            WeightsMismatch: a model is not the one that was tested.
            UsageError: its certificate cannot be used, or not be kept.
        """
        listener = listen(self._port, host=self._host, who="the local endpoint")
        try:
            self.certificate = self._certificate(listener)
            scheme = "https" if self.certificate else "http"
            self.base_url = f"{url_of(listener, scheme)}/v1"
            if self._executor is None:
                self._executor = self._own_executor = ThreadExecutor()
            await self._load_engines(self._executor)
            await self._serve(listener, self._executor)
        except BaseException:
            listener.close()
            await self.close()
            raise
        return self.base_url

    async def close(self, within: Samples = CLOSES_WITHIN) -> None:
        """Hang up every call and stop listening, whatever it takes within this time."""
        clock = AsyncClock()
        if self._server is not None:
            self._server.stop()
        if self._registry is not None:
            await self._registry.close(within - clock.now())
        if self._server is not None:
            await self._server.close(within - clock.now())
        if self._own_executor is not None:
            await asyncio.to_thread(self._own_executor.close, max(0, within - clock.now()))

    def _allowed(self, own_names: Iterable[str]) -> AllowedOrigins:
        try:
            return AllowedOrigins(
                (*self._allow_hosts, *own_names),
                self._allow_origins,
                any_address=not is_loopback(self._host),
            )
        except ValueError as wrong:
            raise UsageError(str(wrong)) from None

    def _certificate(self, listener: socket.socket) -> TlsFiles | None:
        if isinstance(self._tls, TlsFiles):
            return self._tls
        return kept_certificate(utc_now(), names_of(listener)) if self._tls else None

    async def _load_engines(self, executor: Executor) -> None:
        """Load them now, so that no caller waits for it in a conversation."""
        engines, owner = self._engines, "the local endpoint"
        loading = [
            asyncio.ensure_future(executor.run(kind, load, owner=owner))
            for kind, load in (
                (JobKind.COMPOSE, lambda: engines.vad),
                (JobKind.RECOGNISE, lambda: engines.recognizer),
                (JobKind.SYNTHESISE, lambda: engines.synthesizer),
            )
        ]
        try:
            await asyncio.gather(*loading)
        finally:
            # If one cannot be loaded, the others are not waited for.
            for each in loading:
                each.cancel()
            await asyncio.wait(loading)

    async def _serve(self, listener: socket.socket, executor: Executor) -> None:
        registry = SessionRegistry(
            self._choose,
            engines=self._engines,
            host=_host_of(asyncio.get_running_loop(), executor),
            ids=self._ids,
            unix_time=_unix_time,
            most_sessions=self._most_sessions,
            idle=self._idle,
            reach="loopback" if is_loopback(self._host) else "both",
        )
        self._registry = registry
        keys = EphemeralKeys(_unix_time)
        allowed = self._allowed(names_of(listener))
        app = build_app(
            registry,
            keys,
            self._ids,
            self._api_key,
            self._behaviours,
            allowed,
            strict=self._strict,
        )
        self._server = HttpServer(
            app,
            listener,
            tls=self.certificate.context() if self.certificate else None,
            tls_advice=", or the endpoint must be started with TLS: soundstage endpoint --tls",
            ws=WebSocketProtocol,
            ws_max_size=MOST_MESSAGE_BYTES,
            ws_per_message_deflate=False,  # its memory and time bring nothing on a near network
            # Beyond this a request is answered with 503; a little beyond that, none is taken in.
            limit_concurrency=2 * self._most_sessions + _MORE_CONNECTIONS,
            most_connections=2 * self._most_sessions + 2 * _MORE_CONNECTIONS,
        )
        await self._server.start()


def _host_of(loop: asyncio.AbstractEventLoop, executor: Executor) -> SessionHost:
    """All sessions of a server live on its loop."""

    def after(delay: Samples, do: Callable[[], None]) -> Timer:
        return loop.call_later(seconds_of(delay), do)

    return SessionHost(executor, calls_on(loop), after)


def _unix_time() -> int:
    return int(utc_now().timestamp())
