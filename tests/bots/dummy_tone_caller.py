"""A caller that needs no speech: a tone, and the next one when the answer to it is over."""

import math
import struct

from soundstage import Agent, Frame, handles
from soundstage.audio import AUDIBLE_PEAK, peak
from soundstage.messages import Begin
from soundstage.units import FRAME_SAMPLES, SAMPLE_RATE

QUIET = 25
"""Frames without sound after which an answer is over: half a second."""


class ToneCaller(Agent):
    """Says so many tones, each when the answer to the one before has been heard, and leaves."""

    class Settings(Agent.Settings):
        tones: int = 1
        frames: int = 15
        keys: str = ""
        over: bool = True
        again: float = 0.0
        interrupts: int = 0

    def __init__(self, context):
        super().__init__(context)
        self._left = self.settings.tones
        self._heard = False
        self._quiet = 0
        self._frames = 0
        self._answers = 0
        self._sound = 0
        self._ends_after = QUIET

    @handles(Begin)
    def begin(self, _):
        self._say_tone()

    @handles(Frame)
    def listen(self, frame):
        self._frames += 1
        if self.settings.again and self._frames == int(50 * self.settings.again):
            # Into what is heard: an interruption.
            for each in range(self.settings.frames):
                self.send(tone(each))
        if peak(frame.pcm) >= AUDIBLE_PEAK:
            self._answers += not self._heard
            self._heard, self._quiet = True, 0
            self._sound += 1
            if self._answers == self.settings.interrupts and self._sound == QUIET:
                # The answer to this one comes behind the end of what it breaks off.
                self._ends_after = 3 * QUIET
                self._say_tone()
            return
        self._quiet += 1
        if self._heard and self._quiet > self._ends_after:
            self._heard, self._sound, self._ends_after = False, 0, QUIET
            self._say_tone()

    def _say_tone(self):
        if not self._left:
            if self.settings.over:
                self.leave()
            return
        self._left -= 1
        if self.settings.keys:
            self.press(self.settings.keys)
            return
        for frame in range(self.settings.frames):
            self.send(tone(frame))


def tone(frame, height=440.0):
    """One frame of a sine."""
    start = frame * FRAME_SAMPLES
    samples = [
        int(12_000 * math.sin(2 * math.pi * height * n / SAMPLE_RATE))
        for n in range(start, start + FRAME_SAMPLES)
    ]
    return struct.pack(f"<{FRAME_SAMPLES}h", *samples)
