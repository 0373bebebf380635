"""Several sounds at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from soundstage.units import SILENCE

if TYPE_CHECKING:
    from collections.abc import Sequence


def mix(frames: Sequence[bytes]) -> bytes:
    """The sum of frames of equal length, saturated at full scale.

    `SILENCE` itself costs nothing; a single other frame comes back as the same object, and the
    mix of nothing is `SILENCE`.

    Raises:
        ValueError: the frames differ in length.
    """
    sounding = [frame for frame in frames if frame is not SILENCE]
    if not sounding:
        return SILENCE
    if len(sounding) == 1:
        return sounding[0]
    total = np.frombuffer(sounding[0], "<i2").astype(np.int32)
    for frame in sounding[1:]:
        total += np.frombuffer(frame, "<i2")
    return np.clip(total, -32_768, 32_767).astype("<i2").tobytes()
