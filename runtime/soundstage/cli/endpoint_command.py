"""What `soundstage endpoint` does once its arguments are read."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import TYPE_CHECKING

from msgspec import Struct

from soundstage.endpoint import (
    Behaviour,
    JsonLines,
    WatchedBehaviour,
    endpoint_server,
    lifetime,
)
from soundstage.errors import UsageError
from soundstage.kernel import Interrupts, make_loop
from soundstage.serving import TlsFiles

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from soundstage.units import Samples


class EndpointRequest(Struct, frozen=True):
    """What was asked for on the command line.

    Attributes:
        host: the address to listen on.
        port: 0 for any that is free.
        api_key: the one key that opens it; None where any does.
        config: the file with its behaviour, or None.
        quiet: whether only warnings are logged.
        tls: the certificate with which it speaks TLS, True for one that is made and kept.
        expires_after: how long every session lives; None to go by the file.
        strict: whether a voice that the service does not have is refused.
        allow_hosts: names by which clients may call this machine, beside its own.
        allow_origins: of pages that may use it, beside those of this machine.
    """

    host: str
    port: int
    api_key: str | None
    config: Path | None
    quiet: bool
    tls: TlsFiles | bool
    expires_after: Samples | None = None
    strict: bool = False
    allow_hosts: tuple[str, ...] = ()
    allow_origins: tuple[str, ...] = ()


def serve(request: EndpointRequest) -> None:
    """Serve until Ctrl-C or TERM.

    Raises:
        ScenarioError: the configuration is wrong.
        UsageError: other machines would reach the endpoint and there is no key, or its
            certificate cannot be used.
        PortTaken: it cannot listen there.
        EngineMissing: a speech engine is not installed.
        WeightsMismatch: a model is not the one that was tested.
    """
    _log_to_stderr(logging.WARNING if request.quiet else logging.INFO)
    current = _behaviour_of(request.config)
    for warning in current().warnings:
        logging.getLogger("soundstage.endpoint").warning("in the configuration: %s", warning)
    with asyncio.Runner(loop_factory=make_loop) as runner:
        runner.run(_serve(request, current))


def _behaviour_of(config: Path | None) -> Callable[[], Behaviour]:
    return WatchedBehaviour(config).current if config is not None else Behaviour


async def _serve(request: EndpointRequest, current: Callable[[], Behaviour]) -> None:
    server = endpoint_server(
        current,
        host=request.host,
        port=request.port,
        api_key=request.api_key,
        tls=request.tls,
        expires_after=request.expires_after,
        strict=request.strict,
        allow_hosts=request.allow_hosts,
        allow_origins=request.allow_origins,
    )
    asked, loop = asyncio.Event(), asyncio.get_running_loop()
    with Interrupts(asked=lambda: loop.call_soon_threadsafe(asked.set), is_last=True):
        base_url = await server.start()
        try:
            _say_how_to_use_it(base_url, server.certificate, has_key=bool(request.api_key))
            await asked.wait()
        finally:
            await server.close()


def tls_of(*, own: bool, certificate: Path | None, key: Path | None) -> TlsFiles | bool:
    """What the options about TLS ask for.

    Args:
        own: `--tls`.
        certificate: `--tls-cert`.
        key: `--tls-key`.

    Raises:
        UsageError: there is a key without a certificate.
    """
    if certificate is not None:
        return TlsFiles(certificate, key)
    if key is not None:
        raise UsageError("--tls-key goes with --tls-cert: the certificate that the key is for")
    return own


def lifetime_of(expires_after: str | None) -> Samples | None:
    """How long every session lives, by `--expires-after`; None where it is not given.

    Raises:
        UsageError: it is no duration, or shorter than a second.
    """
    try:
        return None if expires_after is None else lifetime(expires_after)
    except ValueError as wrong:
        raise UsageError(f"--expires-after: {wrong}") from None


def _say_how_to_use_it(base_url: str, tls: TlsFiles | None, *, has_key: bool) -> None:
    key = "KEY" if has_key else "any"
    trust = f"NODE_EXTRA_CA_CERTS={tls.certificate} SSL_CERT_FILE={tls.certificate}" if tls else ""
    sys.stdout.write(
        "Soundstage's local Realtime endpoint\n"
        f"  base URL   {base_url}\n"
        f"  WebSocket  {base_url.replace('http', 'ws', 1)}/realtime?model=gpt-realtime-2.1\n"
        f"  key        {'the one it was given' if has_key else 'any'}\n"
        f"  use it     export OPENAI_BASE_URL={base_url} OPENAI_API_KEY={key}\n"
        + (f"  trust it   export {trust}\n" if tls and tls.is_own else "")
        + "  stop it    Ctrl-C\n"
    )
    sys.stdout.flush()


def _log_to_stderr(level: int) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    # Also what libraries say: a line that is no JSON would break what reads the others.
    logging.getLogger().addHandler(handler)
    for name in ("soundstage", "uvicorn"):
        logging.getLogger(name).setLevel(level)
    # What is wrong with a body stands in the answer to it.
    logging.getLogger("python_multipart").setLevel(logging.ERROR)
