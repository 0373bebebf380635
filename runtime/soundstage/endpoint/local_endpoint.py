"""The local endpoint on its own: for any client, in a program or a test."""

from __future__ import annotations

import itertools
import secrets
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from soundstage.config import INLINE
from soundstage.endpoint.behaviour import Behaviour, WatchedBehaviour, load_behaviour
from soundstage.endpoint.call_plan import CallPlan, is_in_place_of_model
from soundstage.endpoint.local_settings import lifetime
from soundstage.endpoint.server import EndpointServer
from soundstage.errors import UsageError
from soundstage.kernel import Portal
from soundstage.seeds import Seeds
from soundstage.speech import Engines
from soundstage.units import samples_of_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from soundstage.units import Samples

STARTS_WITHIN = samples_of_seconds(60)
STOPS_WITHIN = samples_of_seconds(3)


class Chooser:
    """Decides how each session is answered, by the behaviour of the moment.

    Args:
        current: the behaviour.
        seeds: where the sessions' random streams come from.
        expires_after: how long every session lives; None to go by the behaviour.
        strict: whether a voice that the service does not have is refused.
    """

    def __init__(
        self,
        current: Callable[[], Behaviour],
        seeds: Seeds,
        expires_after: Samples | None = None,
        *,
        strict: bool = False,
    ) -> None:
        self._current = current
        self._seeds = seeds
        self._expires_after = expires_after
        self._strict = strict
        self._numbers = itertools.count(1)

    def __call__(self, names: tuple[str, ...]) -> CallPlan:
        """The plan of one session, by the first of these names that the behaviour knows."""
        name, table = self._current().answering(names)
        stream = partial(self._seeds.stream, f"session {next(self._numbers)}")
        return CallPlan(
            local=table.local,
            stream=stream,
            voice=table.voice,
            name=name,
            replaces_model=is_in_place_of_model(name, names),
            expires_after=self._expires_after,
            strict=self._strict,
        )


def endpoint_server(
    current: Callable[[], Behaviour],
    *,
    expires_after: Samples | None = None,
    strict: bool = False,
    **options: Any,
) -> EndpointServer:
    """A server that answers by a behaviour.

    Args:
        current: the behaviour of a session that begins now.
        expires_after: how long every session lives; None to go by the behaviour.
        strict: whether a voice that the service does not have is refused.
        options: where it listens, and its key, as `EndpointServer` takes them.

    Raises:
        UsageError: other machines would reach it, and there is no key.
    """
    behaviour = current()
    seeds = Seeds(secrets.randbits(63) if behaviour.seed is None else behaviour.seed)
    return EndpointServer(
        Chooser(current, seeds, expires_after, strict=strict),
        engines=Engines(**behaviour.speech.model_dump()),
        behaviours=lambda: current().agents,
        strict=strict,
        **options,
    )


class LocalEndpoint:
    """The local endpoint on a thread of its own, for as long as it is entered.

        with LocalEndpoint("endpoint.toml") as endpoint:
            client = OpenAI(base_url=endpoint.base_url, api_key="any")

    Args:
        config: a file with its behaviour, read again when it changes.
        toml: the behaviour itself, in place of a file; without either it says the default dialogue.
        port: 0 for any that is free.
        api_key: the one key that opens it; None where any does.
        tls: whether it speaks TLS, with a certificate that is made once and kept.
        expires_after: how long every session lives, as `"30s"`, at least a second; None to go by
            the behaviour.
        strict: whether a voice that OpenAI does not have is refused, as it does; otherwise a
            stand-in speaks, and a warning says so.
        allow_hosts: names by which clients may call this machine, beside `localhost`.
        allow_origins: of web pages that may use it, as `https://app.example.org`, beside those of
            this machine; `*` for all.

    Raises:
        ScenarioError: the behaviour is wrong; every fault at once, with line and key path.
        UsageError: both a file and a text are given, or `expires_after` is no such duration.

    Attributes:
        base_url: where clients reach it, ending in `/v1`; known once it has been entered.
        certificate: the file by which clients trust it, where it speaks TLS; likewise.
    """

    def __init__(
        self,
        config: str | Path | None = None,
        *,
        toml: str | None = None,
        port: int = 0,
        api_key: str | None = None,
        tls: bool = False,
        expires_after: str | None = None,
        strict: bool = False,
        allow_hosts: Sequence[str] = (),
        allow_origins: Sequence[str] = (),
    ) -> None:
        self._current = _source(config, toml)
        self._allow_hosts = tuple(allow_hosts)
        self._allow_origins = tuple(allow_origins)
        self._strict = strict
        self._port = port
        self._api_key = api_key
        self._portal: Portal | None = None
        self._server: EndpointServer | None = None
        self._tls = tls
        self._expires_after = _lifetime_of(expires_after)
        self.base_url = ""
        self.certificate: Path | None = None

    def __enter__(self) -> Self:
        """Load the engines and listen.

        Raises:
            PortTaken: it cannot listen there.
            EngineMissing: a speech engine is not installed.
            WeightsMismatch: a model is not the one that was tested.
            UsageError: its certificate cannot be kept, or an origin is none.
        """
        server = endpoint_server(
            self._current,
            port=self._port,
            api_key=self._api_key,
            tls=self._tls,
            expires_after=self._expires_after,
            strict=self._strict,
            allow_hosts=self._allow_hosts,
            allow_origins=self._allow_origins,
        )
        portal = Portal()
        try:
            self.base_url = portal.run(server.start, within=STARTS_WITHIN)
        except BaseException:
            portal.close()
            raise
        self._server, self._portal = server, portal
        self.certificate = server.certificate.certificate if server.certificate else None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._portal is not None and self._server is not None:
            try:
                self._portal.run(self._server.close, within=STOPS_WITHIN)
            finally:
                self._portal.close()


def _lifetime_of(expires_after: str | None) -> Samples | None:
    try:
        return None if expires_after is None else lifetime(expires_after)
    except ValueError as wrong:
        raise UsageError(f"expires_after: {wrong}") from None


def _source(config: str | Path | None, toml: str | None) -> Callable[[], Behaviour]:
    if config is not None and toml is not None:
        raise UsageError("LocalEndpoint: give a file or toml=, not both")
    if config is not None:
        return WatchedBehaviour(Path(config)).current
    behaviour = Behaviour() if toml is None else load_behaviour(Path.cwd() / INLINE, toml=toml)
    return lambda: behaviour
