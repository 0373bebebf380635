"""A program that dials in: it is listened for before it starts, and its connection is kept."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Final

HOST: Final = "127.0.0.1"

TLS: Final = b"\x16"
"""What a handshake of TLS begins with; a request of HTTP begins with a capital letter."""


class DialedIn:
    """Listens for the one connection of a program, and hands it to the one call that it is for.

    Args:
        port: where; 0 for any that is free.

    Raises:
        OSError: nothing can listen there.

    Attributes:
        port: where it listens.
    """

    def __init__(self, port: int) -> None:
        self._listener = socket.create_server((HOST, port))
        self._listener.settimeout(0)
        self.port = int(self._listener.getsockname()[1])
        self._guest: socket.socket | None = None
        self._connection: socket.socket | None = None
        self._is_taken = False

    def has_come(self) -> bool:
        """Whether the program has connected; nothing more is let in then.

        A connection counts at the second look, when what a browser would say has come: a page of
        any site can make one connect to this machine.
        """
        if self._connection is not None or self._is_taken:
            return True
        if self._guest is None:
            with suppress(OSError):
                self._guest, _ = self._listener.accept()
                self._guest.settimeout(0)
            return False
        guest, self._guest = self._guest, None
        if not _may_be_a_program(guest):
            guest.close()
            return False
        self._connection = guest
        self._listener.close()
        return True

    def take(self) -> socket.socket | None:
        """The connection, which the caller closes; None where another call has it already."""
        self._is_taken = True
        connection, self._connection = self._connection, None
        return connection

    def close(self) -> None:
        """Hang up on a program that no call was placed to."""
        for each in (self._listener, self._guest, self._connection):
            if each is not None:
                each.close()


def _may_be_a_program(guest: socket.socket) -> bool:
    try:
        first = guest.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return True  # it waits to be asked
    except OSError:
        return False
    return first not in {b"", TLS} and not first.isupper()
