"""An agent's line, for a program of one's own: frames in, audio out."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Self

from soundstage.audio import FrameCutter
from soundstage.units import FRAMES_PER_SECOND, SILENCE

if TYPE_CHECKING:
    from soundstage.messages import Frame

HEARS_BEHIND = 10 * FRAMES_PER_SECOND
"""Frames that may wait to be read: a program that is ten seconds late loses the oldest."""

SPEAKS_AHEAD = 120 * FRAMES_PER_SECOND
"""Frames that may wait to be played."""


class Line:
    """What a program hears, as an async iterator, and where it speaks.

    Attributes:
        dropped: frames lost because the program read or wrote too far from real time.
    """

    def __init__(self) -> None:
        self._heard: deque[Frame] = deque(maxlen=HEARS_BEHIND)
        self._came = asyncio.Event()
        self._ended = False
        self._speech: deque[bytes] = deque()
        self._cutter = FrameCutter()
        self.dropped = 0

    def write(self, pcm: bytes) -> None:
        """Be heard with 24 kHz mono 16-bit PCM of any length, paced by the line."""
        self._speech.extend(self._cutter.push(pcm))
        while len(self._speech) > SPEAKS_AHEAD:
            self._speech.popleft()
            self.dropped += 1

    def clear(self) -> None:
        """Play nothing more of what was written."""
        self._cutter = FrameCutter()
        self._speech.clear()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Frame:
        while not self._heard:
            if self._ended:
                raise StopAsyncIteration
            self._came.clear()
            await self._came.wait()
        return self._heard.popleft()

    # The actor's side.

    def feed(self, frame: Frame) -> None:
        """One frame of the mix; on the loop's thread."""
        if len(self._heard) == HEARS_BEHIND:
            self.dropped += 1
        self._heard.append(frame)
        self._came.set()

    def end(self) -> None:
        """No more frames will come; on the loop's thread."""
        self._ended = True
        self._came.set()

    def take(self) -> bytes:
        """The next frame to play; silence where none waits. From any thread."""
        try:
            return self._speech.popleft()
        except IndexError:
            return SILENCE
