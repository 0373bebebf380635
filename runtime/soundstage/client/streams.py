"""Events and audio as streams: kept until the program reads them, up to a bound."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final, Generic, TypeVar

from msgspec import Struct

from soundstage.audio import FrameCutter
from soundstage.units import FRAMES_PER_SECOND, SILENCE

T = TypeVar("T")

SPEAKS_AHEAD: Final = 600 * FRAMES_PER_SECOND
"""Frames that may wait to be sent: ten minutes."""

HEARS_BEHIND: Final = 10 * FRAMES_PER_SECOND
"""Frames that may wait to be read: a program that is ten seconds late loses the oldest."""


class Reconnected(Struct, frozen=True):
    """The call had dropped and is up again, and the conversation goes on.

    Attributes:
        error: why it had dropped.
        gap: how long there was no session, in seconds.
    """

    error: Exception
    gap: float = 0.0


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


class Sound:
    """Cuts what is to be said into frames, and keeps what is heard.

    Attributes:
        heard: a frame every 20 ms.
        dropped: frames that were never sent because too many waited.
    """

    def __init__(self) -> None:
        self.heard: Stream[bytes] = Stream(HEARS_BEHIND)
        self.dropped = 0
        self._cutter = FrameCutter()
        self._waiting: deque[bytes] = deque()
        self._sent = asyncio.Event()
        self._sent.set()

    def write(self, pcm: bytes) -> None:
        """Say 24 kHz mono s16le of any length, behind what waits already."""
        self._waiting.extend(self._cutter.push(pcm))
        while len(self._waiting) > SPEAKS_AHEAD:
            self._waiting.popleft()
            self.dropped += 1
        self._sent.clear()

    def clear(self) -> None:
        """Say nothing more of what waits."""
        self._cutter = FrameCutter()
        self._waiting.clear()
        self._sent.set()

    def next(self) -> bytes:
        """The frame of this tick; silence where none waits."""
        if not self._waiting and not self._sent.is_set():
            # The rest of what was written is less than a frame: silence makes it one.
            self._waiting.extend(self._cutter.flush())
            self._cutter = FrameCutter()
            if not self._waiting:
                self._sent.set()
        return self._waiting.popleft() if self._waiting else SILENCE

    async def wait_sent(self) -> None:
        """Wait until all that was written has been sent."""
        await self._sent.wait()
