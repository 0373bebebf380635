"""The one audio format inside the runtime, and the units of time and size that follow from it.

Audio is 24 kHz mono signed 16-bit little-endian PCM, cut into frames of 20 ms. Time is an
integer count of 24 kHz samples since the run began, on both clocks, so that a frame's place in
time and its place in a recording are the same number. The names of the two clocks are here, too.
"""

from __future__ import annotations

from typing import Final, TypeAlias

Samples: TypeAlias = int
"""A time or a length, counted in samples of 24 kHz audio."""

SAMPLE_RATE: Final = 24_000
"""Samples a second."""

FRAME_MS: Final = 20
"""Milliseconds of audio in one frame."""

FRAME_SAMPLES: Final = 480
"""Samples in one frame."""

SAMPLE_BYTES: Final = 2
"""Bytes of one sample."""

FRAME_BYTES: Final = FRAME_SAMPLES * SAMPLE_BYTES
"""Bytes of one frame."""

FRAMES_PER_SECOND: Final = SAMPLE_RATE // FRAME_SAMPLES
"""Frames a second."""

SILENCE: Final = bytes(FRAME_BYTES)
"""One frame of silence; compare with `is` first, it is shared."""

WALL: Final = "wall"
"""The clock whose time passes as it does: sound cards, browsers and networks keep it."""

VIRTUAL: Final = "virtual"
"""The clock that jumps to the next thing that can happen: as fast as the machine goes."""


def samples_of_ms(milliseconds: float) -> Samples:
    """Samples in so many milliseconds, to the nearest one."""
    return round(milliseconds * SAMPLE_RATE / 1000)


def samples_of_seconds(seconds: float) -> Samples:
    """Samples in so many seconds, to the nearest one."""
    return round(seconds * SAMPLE_RATE)


def ms_of(samples: Samples) -> int:
    """Whole milliseconds in so many samples, rounded down."""
    return samples * 1000 // SAMPLE_RATE


def seconds_of(samples: Samples) -> float:
    """Seconds in so many samples."""
    return samples / SAMPLE_RATE
