"""A track of aiortc that sends frames at their pace."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from aiortc.mediastreams import MediaStreamTrack
from av import AudioFrame

from soundstage.kernel import AsyncClock
from soundstage.units import FRAME_SAMPLES, SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Callable


class FrameTrack(MediaStreamTrack):
    """Sends the frame that it is given for each number, from 0, one every 20 ms."""

    kind = "audio"

    def __init__(self, frame: Callable[[int], bytes]) -> None:
        super().__init__()
        self._frame = frame
        self._clock = AsyncClock()
        self._number = 0

    async def recv(self) -> AudioFrame:
        await self._clock.sleep_until(self._number * FRAME_SAMPLES)
        frame = AudioFrame(format="s16", layout="mono", samples=FRAME_SAMPLES)
        frame.planes[0].update(self._frame(self._number))
        frame.pts = self._number * FRAME_SAMPLES
        frame.sample_rate = SAMPLE_RATE
        frame.time_base = Fraction(1, SAMPLE_RATE)
        self._number += 1
        return frame
