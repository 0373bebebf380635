"""The socket that a server listens on."""

from __future__ import annotations

import ipaddress
import socket
from typing import Final

from soundstage.errors import PortTaken

LOOPBACK: Final = "127.0.0.1"

_BACKLOG: Final = 1024
_IPV6: Final = 6


def listen(port: int, *, host: str = LOOPBACK, who: str) -> socket.socket:
    """Listen on a port.

    Args:
        port: 0 for any that is free.
        host: the address; only this machine reaches the loopback address.
        who: the name of what listens, for the message if it cannot.

    Raises:
        PortTaken: the port is in use, or may not be used, or the address is not this machine's.
    """
    try:
        listener = _bound(host, port)
    except OSError as error:
        raise PortTaken(
            f"{who} cannot listen on {host}:{port} ({error.strerror}): "
            "choose another port, or 0 for any that is free"
        ) from error
    listener.settimeout(0)
    return listener


def _bound(host: str, port: int) -> socket.socket:
    [(family, kind, *_, address), *_] = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    listener = socket.socket(family, kind)
    try:
        if port:
            # A port that was just closed would count as taken for a minute.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens on this address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def names_of(listener: socket.socket) -> tuple[str, ...]:
    """The names and addresses at which other machines may reach what listens there."""
    address = ipaddress.ip_address(listener.getsockname()[0])
    if not address.is_unspecified:
        return (str(address),)
    name = socket.gethostname()
    try:
        found = socket.getaddrinfo(name, None)
    except OSError:
        return (name,)
    return tuple(dict.fromkeys((name, *(str(each[4][0]).partition("%")[0] for each in found))))


def url_of(listener: socket.socket, scheme: str = "http") -> str:
    """The URL at which this machine reaches what listens there, without a path."""
    host, port = listener.getsockname()[:2]
    address = ipaddress.ip_address(host)
    if address.is_unspecified:
        address = ipaddress.ip_address("::1" if address.version == _IPV6 else LOOPBACK)
    return f"{scheme}://{f'[{address}]' if address.version == _IPV6 else address}:{port}"
