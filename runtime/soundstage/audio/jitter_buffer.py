"""A jitter buffer: one frame a tick from frames that come unevenly."""

from __future__ import annotations

from collections import deque

import numpy as np

from soundstage.units import FRAME_SAMPLES, SILENCE

_FADE = np.linspace(1.0, 0.0, FRAME_SAMPLES, endpoint=False, dtype=np.float32)


class JitterBuffer:
    """Gives exactly one frame a tick, from frames that come unevenly.

    One thread may put while another takes. Until `target` frames are in, at the start and after
    running dry, nothing is played, so that the next late frame finds a reserve. A missing frame
    is the last one again, faded out, and silence after that.

    Args:
        target: frames that should wait.
        settle: ticks for which more than `target` must have waited before one is dropped.
        capacity: frames that may wait at most; then the oldest goes.

    Attributes:
        concealed: ticks for which there was no frame, once the stream had begun.
    """

    def __init__(self, target: int = 2, settle: int = 50, capacity: int = 50) -> None:
        self._target = target
        self._settle = settle
        self._capacity = capacity
        self._frames: deque[bytes] = deque()
        self._last = SILENCE
        self._primed = False
        self._begun = False
        self._above = 0
        # Each counter is written by one thread only, so that no count is lost.
        self._overflowed = 0
        self._surplus = 0
        self.concealed = 0

    @property
    def dropped(self) -> int:
        """Frames thrown away because too many had come."""
        return self._overflowed + self._surplus

    def __len__(self) -> int:
        return len(self._frames)

    def put(self, pcm: bytes) -> None:
        """A frame has come: 20 ms, `FRAME_BYTES` long."""
        while len(self._frames) >= self._capacity and self._pop() is not None:
            self._overflowed += 1
        self._frames.append(pcm)

    def take(self) -> bytes:
        """The frame of this tick."""
        waiting = len(self._frames)
        if not self._primed:
            self._primed = waiting >= self._target
        frame = self._pop() if self._primed else None
        if frame is None:
            return self._conceal()
        self._begun = True
        self._above = self._above + 1 if waiting > self._target else 0
        if self._above >= self._settle:
            self._above = 0
            frame = self._drop_for_next(frame)
        self._last = frame
        return frame

    def clear(self) -> None:
        """Forget what waits and begin anew; the counters stay."""
        self._frames.clear()
        self._last = SILENCE
        self._primed = self._begun = False
        self._above = 0

    def _pop(self) -> bytes | None:
        try:
            return self._frames.popleft()
        except IndexError:
            return None

    def _drop_for_next(self, frame: bytes) -> bytes:
        following = self._pop()
        if following is None:
            return frame
        self._surplus += 1
        return following

    def _conceal(self) -> bytes:
        self._primed = False
        self._above = 0
        if self._begun:
            self.concealed += 1
        last, self._last = self._last, SILENCE
        if last is SILENCE:
            return SILENCE
        return (np.frombuffer(last, "<i2") * _FADE).astype("<i2").tobytes()
