"""Events and audio as streams: kept until the program reads them, up to a bound."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final, Generic, TypeVar

from msgspec import Struct

from soundstage.audio import FrameCutter
from soundstage.errors import ConnectionLost, UsageError
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
        dropped: frames that were never sent, because too many waited or the call was over.
    """

    def __init__(self) -> None:
        self.heard: Stream[bytes] = Stream(HEARS_BEHIND)
        self.dropped = 0
        self._cutter = FrameCutter()
        self._waiting: deque[bytes] = deque()
        self._sent = asyncio.Event()
        self._sent.set()
        self._is_begun = False
        self._over: str | None = None
        self._lost = False

    def begin(self) -> None:
        """From now on a call takes frames, or will."""
        self._is_begun = True

    def end(self, error: Exception | None) -> None:
        """No call takes frames any more: what waits to be sent never is."""
        self._over = self._over or f"the call is over: {error or 'the client was closed'}"
        self._discard()
        self.heard.end(error)

    @property
    def is_over(self) -> bool:
        """Whether no call takes frames any more."""
        return self._over is not None

    def write(self, pcm: bytes) -> None:
        """Say 24 kHz mono s16le of any length, behind what waits already.

        What is written after the call is dropped, and counted: a microphone goes on for a while.
        """
        self._waiting.extend(self._cutter.push(pcm))
        if self.is_over:
            self._discard()
            return
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
        """Wait until all that was written has been sent.

        Raises:
            ConnectionLost: the call is over, and some of it was never sent.
            UsageError: there has been no call yet, so it would wait for ever.
        """
        if not (self._is_begun or self.is_over or self._sent.is_set()):
            raise UsageError("nothing is sent before the client is connected: connect it first")
        await self._sent.wait()
        if self._lost:
            raise ConnectionLost(f"not all was sent; {self._over}")

    def _discard(self) -> None:
        """Drop what waits, and wake those that wait for it."""
        self._waiting.extend(self._cutter.flush())
        self._lost = self._lost or bool(self._waiting)
        self.dropped += len(self._waiting)
        self.clear()
