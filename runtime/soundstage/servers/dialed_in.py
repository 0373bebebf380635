"""A program that dials in: it is listened for before it starts, and its connection is kept."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Final

HOST: Final = "127.0.0.1"


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
        self._connection: socket.socket | None = None
        self._is_taken = False

    def has_come(self) -> bool:
        """Whether the program has connected; nothing more is let in then."""
        if self._connection is None and not self._is_taken:
            with suppress(OSError):
                self._connection, _ = self._listener.accept()
                self._connection.settimeout(0)
                self._listener.close()
        return self._connection is not None or self._is_taken

    def take(self) -> socket.socket | None:
        """The connection, which the caller closes; None where another call has it already."""
        self._is_taken = True
        connection, self._connection = self._connection, None
        return connection

    def close(self) -> None:
        """Hang up on a program that no call was placed to."""
        self._listener.close()
        if self._connection is not None:
            self._connection.close()
