"""The caller that an echo bot is measured with: a short tone each second."""

from __future__ import annotations

from typing import Final

import numpy as np

from soundstage.agent import Agent, AgentContext
from soundstage.kernel import handles
from soundstage.messages import Frame
from soundstage.units import FRAME_BYTES, FRAME_SAMPLES, FRAMES_PER_SECOND, SAMPLE_RATE

TONE: Final = 5
"""Frames of a tone: 100 ms, of which no codec leaves out the end."""

_HEIGHT: Final = 440.0
_LEVEL: Final = 12_000


class ProbeCaller(Agent):
    """Says so many tones, one each second, so that the answer is over before the next; leaves."""

    class Settings(Agent.Settings):
        """The keys of the caller.

        Attributes:
            tones: how many.
        """

        tones: int = 15

    def __init__(self, context: AgentContext) -> None:
        super().__init__(context)
        self._frames = 0

    @handles(Frame)
    def keep_time(self, _: Frame) -> None:
        """A frame is 20 ms, whatever is in it."""
        second, frame = divmod(self._frames, FRAMES_PER_SECOND)
        self._frames += 1
        if frame:
            return
        if second == self.settings.tones:
            self.leave()
            return
        for start in range(0, len(_TONE), FRAME_BYTES):
            self.send(_TONE[start : start + FRAME_BYTES])


def _tone() -> bytes:
    at = np.arange(TONE * FRAME_SAMPLES) / SAMPLE_RATE
    return (_LEVEL * np.sin(2 * np.pi * _HEIGHT * at)).astype("<i2").tobytes()


_TONE: Final = _tone()
