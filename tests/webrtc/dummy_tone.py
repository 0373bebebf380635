"""A voice that is easy to measure."""

from __future__ import annotations

import math
from struct import pack

from soundstage.units import FRAME_SAMPLES, SAMPLE_RATE


def tone(number: int, hertz: float = 440.0, peak: int = 8000) -> bytes:
    """Frame `number` of a sine."""
    start = number * FRAME_SAMPLES
    turn = 2 * math.pi * hertz / SAMPLE_RATE
    samples = (round(peak * math.sin(turn * (start + n))) for n in range(FRAME_SAMPLES))
    return pack(f"<{FRAME_SAMPLES}h", *samples)
