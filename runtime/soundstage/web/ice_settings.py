"""The STUN and TURN servers that a page's calls may ask, from settings and environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import StringConstraints

from soundstage.errors import UsageError
from soundstage.secrets import Secret
from soundstage.webrtc import IceServer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SERVER_PATTERN: Final = r"^(stun|turns?):[^\s:/?]+(:\d+)?(\?transport=(udp|tcp))?$"

ServerUrl = Annotated[str, StringConstraints(pattern=SERVER_PATTERN)]
"""A server's address, as `stun:host:port` or `turn:host:port?transport=udp`."""

SERVERS: Final = "SOUNDSTAGE_ICE_SERVERS"
USERNAME: Final = "SOUNDSTAGE_TURN_USERNAME"
PASSWORD: Final = "SOUNDSTAGE_TURN_PASSWORD"  # noqa: S105 - the name of a variable


def ice_servers(declared: Sequence[str], environment: Mapping[str, str]) -> tuple[IceServer, ...]:
    """The servers to ask: those declared, else those of the environment.

    A TURN server's user name and password come from the environment alone, and stay on this
    side: the page is told of STUN servers only.

    Args:
        declared: addresses from a scenario.
        environment: `SOUNDSTAGE_ICE_SERVERS`, addresses with spaces between them, and
            `SOUNDSTAGE_TURN_USERNAME` and `SOUNDSTAGE_TURN_PASSWORD`.

    Raises:
        UsageError: an address is none, or a TURN server lacks its user name or password.
    """
    urls = tuple(declared) or tuple(environment.get(SERVERS, "").split())
    return tuple(_server(url, environment) for url in urls)


def shown_servers(servers: Sequence[IceServer]) -> list[Any]:
    """Of these servers, what a page may know: no TURN server, for those need a password."""
    return [{"urls": server.url} for server in servers if server.url.startswith("stun:")]


def _server(url: str, environment: Mapping[str, str]) -> IceServer:
    kind, _, address = url.partition(":")
    if kind not in {"stun", "turn", "turns"} or not address:
        raise UsageError(f"{SERVERS}: {url!r} is no server; say it as stun:host:port or turn:…")
    if kind == "stun":
        return IceServer(url)
    username, password = environment.get(USERNAME), environment.get(PASSWORD)
    if not username or not password:
        raise UsageError(f"{url} needs {USERNAME} and {PASSWORD} in the environment")
    return IceServer(url, username, Secret(password))
