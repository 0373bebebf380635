"""How loud a recording is over its time, small enough to be part of a page."""

from __future__ import annotations

import base64
import wave
from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct

from soundstage.audio import as_array
from soundstage.results import TrackReader
from soundstage.units import FRAME_SAMPLES, SAMPLE_RATE, Samples

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

MOST: Final = 36_000
"""Peaks of a waveform: 12 minutes in steps of 20 ms; a longer recording has longer steps."""

_FULL_SCALE: Final = 32_768
_BLOCK: Final = 60


class Waveform(Struct, frozen=True):
    """The peaks of a recording.

    Attributes:
        step: seconds of the recording for each peak.
        peaks: a byte for each, in base64: 255 times the square root of the peak's share of full
            scale, so that quiet speech is seen too.
    """

    step: float
    peaks: str


def waveform(path: Path, length: Samples) -> Waveform | None:
    """The waveform of a mono track, or None where there is no recording that can be read.

    Args:
        path: of the track.
        length: of the run.
    """
    frames = max(1, -(-length // (MOST * FRAME_SAMPLES)))
    step = frames * FRAME_SAMPLES
    per_block = max(1, _BLOCK * SAMPLE_RATE // step)
    found: list[bytes] = []
    try:
        with TrackReader(path) as track:
            if track.channels != 1:
                return None
            while pcm := track.read(step * per_block):
                found.append(_peaks(pcm, step))
    except (OSError, EOFError, wave.Error):
        return None
    return Waveform(step / SAMPLE_RATE, base64.b64encode(b"".join(found)).decode())


def _peaks(pcm: bytes, step: Samples) -> bytes:
    """The peaks of whole steps; the last one may be shorter."""
    samples = as_array(pcm)
    whole = len(samples) // step * step
    steps = samples[:whole].reshape(-1, step)
    high = steps.max(axis=1).astype(np.int32)
    low = steps.min(axis=1).astype(np.int32)
    peaks = np.maximum(high, -low)
    if whole < len(samples):
        rest = samples[whole:].astype(np.int32)
        peaks = np.append(peaks, np.abs(rest).max())
    scaled: NDArray[np.uint8] = (np.sqrt(peaks / _FULL_SCALE) * 255).astype(np.uint8)
    return scaled.tobytes()
