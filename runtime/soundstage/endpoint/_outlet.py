"""Events on their way to a client that reads at its own pace."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

MOST_WAITING: Final = 32 * 1024 * 1024
"""Bytes that may wait; who lets more of them lie is given up."""

MUCH_WAITING: Final = 1024 * 1024
"""Bytes from which on nothing more is asked of the client: it shall read first."""


class Outlet:
    """A queue of events, bounded by their size; on one event loop.

    Attributes:
        overflown: whether the client has let too much lie.
    """

    def __init__(self) -> None:
        self.overflown = False
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._closed = False
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    @property
    def closed(self) -> bool:
        """Whether it takes no more events."""
        return self._closed

    def put(self, event: bytes) -> None:
        """Put an event behind the others; ignored once it is closed."""
        if self._closed:
            return
        self._size += len(event)
        if self._size > MOST_WAITING:
            self.overflown = True
            self._waiting.clear()
            self.close()
            return
        self._waiting.append(event)
        self._news.set()
        if self._size > MUCH_WAITING:
            self._room.clear()

    def close(self) -> None:
        """Take no more events; what waits can still be taken."""
        self._closed = True
        self._news.set()
        self._room.set()

    async def take(self) -> bytes | None:
        """The next event; None once it is closed and empty."""
        while not self._waiting:
            if self._closed:
                return None
            self._news.clear()
            await self._news.wait()
        event = self._waiting.popleft()
        self._size -= len(event)
        if self._size <= MUCH_WAITING:
            self._room.set()
        return event

    async def wait_for_room(self) -> None:
        """Wait while much lies here."""
        await self._room.wait()
