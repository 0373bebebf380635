"""The audio of a client, both ways."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

from soundstage.audio import FrameCutter
from soundstage.client._stream import Stream
from soundstage.units import FRAMES_PER_SECOND, SILENCE

SPEAKS_AHEAD: Final = 600 * FRAMES_PER_SECOND
"""Frames that may wait to be sent: ten minutes."""

HEARS_BEHIND: Final = 10 * FRAMES_PER_SECOND
"""Frames that may wait to be read: a program that is ten seconds late loses the oldest."""


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
        """Say 24 kHz mono s16le of any length, behind whatever waits."""
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
