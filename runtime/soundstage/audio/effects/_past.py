"""What went in some time ago."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from soundstage.units import FRAME_SAMPLES

if TYPE_CHECKING:
    from soundstage.audio.effects._effect import Sound
    from soundstage.units import Samples


class Past:
    """Gives each frame back a fixed time later, to the sample.

    Args:
        delay: how much later.
    """

    def __init__(self, delay: Samples) -> None:
        whole, self._part = divmod(delay, FRAME_SAMPLES)
        nothing = np.zeros(FRAME_SAMPLES, np.float32)
        self._frames: deque[Sound] = deque([nothing] * (whole + 1))

    def push(self, sound: Sound) -> Sound:
        """Take a frame; returns the one that is due with it."""
        self._frames.append(sound)
        older = self._frames.popleft()
        if not self._part:
            return self._frames[0]
        cut = FRAME_SAMPLES - self._part
        return np.concatenate((older[cut:], self._frames[0][:cut]))
