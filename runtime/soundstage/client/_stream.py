"""What comes, kept until the program reads it, and no more than so much of it."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")


class Reconnected(Struct, frozen=True):
    """The call had dropped and is up again; what was said was told to the new session as text.

    Attributes:
        error: why it had dropped.
    """

    error: Exception


class Stream(Generic[T]):
    """An async iterator over what is put in; the oldest goes when too much waits.

    Args:
        most: how much may wait.

    Attributes:
        missed: how much was lost because it was not read in time.
    """

    def __init__(self, most: int) -> None:
        self._waiting: deque[T] = deque(maxlen=most)
        self._came = asyncio.Event()
        self._over = False
        self._error: Exception | None = None
        self.missed = 0

    def put(self, value: T) -> None:
        """Add something."""
        if len(self._waiting) == self._waiting.maxlen:
            self.missed += 1
        self._waiting.append(value)
        self._came.set()

    def end(self, error: Exception | None) -> None:
        """Nothing more comes; once all is read, the iteration ends, or raises the error."""
        self._over = True
        self._error = error
        self._came.set()

    def drop_waiting(self) -> None:
        """Forget what waits to be read."""
        self._waiting.clear()

    def __aiter__(self) -> Stream[T]:
        return self

    async def __anext__(self) -> T:
        while not self._waiting:
            if self._over:
                if self._error is not None:
                    raise self._error
                raise StopAsyncIteration
            self._came.clear()
            await self._came.wait()
        return self._waiting.popleft()
