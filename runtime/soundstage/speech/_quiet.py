"""What counts as silence."""

from __future__ import annotations

from typing import Final

import numpy as np

from soundstage.units import SILENCE

QUIET_PEAK: Final = 4
"""Silence through Opus is not zero, but it stays below this."""


def is_quiet(pcm: bytes) -> bool:
    """Whether no sample of a frame is above `QUIET_PEAK`."""
    if pcm is SILENCE:
        return True
    samples = np.frombuffer(pcm, "<i2")
    return bool(samples.max() <= QUIET_PEAK and samples.min() >= -QUIET_PEAK)
