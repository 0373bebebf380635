"""The socket that a server listens on."""

from __future__ import annotations

import socket
from typing import Final

from soundstage.errors import PortTaken

LOOPBACK: Final = "127.0.0.1"


def listen(port: int, *, host: str = LOOPBACK, who: str) -> socket.socket:
    """Listen on a port.

    Args:
        port: 0 for any that is free.
        host: the address; nobody but this machine reaches the loopback one.
        who: listens, for the message where it cannot.

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
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener
