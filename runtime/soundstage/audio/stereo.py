"""Many mono voices as one stereo mix."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

PcmArray: TypeAlias = "NDArray[np.int16]"
"""Mono samples, one dimension."""

_GAIN_STEPS: Final = 1 << 15


class StereoMixer:
    """Places voices between left and right at equal power, and adds them up with saturation.

    The first voice is on the left, the second on the right, further ones are spread evenly
    between them; a voice alone is in the middle. The bytes depend on the samples only, not on how
    they are cut into blocks or on the processor.

    Args:
        voices: how many there are.
    """

    def __init__(self, voices: int) -> None:
        self.gains: Final = tuple(_gains(place) for place in _places(voices))

    def mix(self, blocks: Sequence[bytes | None], length: int) -> bytes:
        """One block of each voice, in their order, as interleaved stereo.

        Args:
            blocks: `length` mono samples of each voice, or None where it is silent.
            length: samples in a block.
        """
        picture = np.zeros((length, 2), np.int16)
        for channel in (0, 1):
            voices = [
                (np.frombuffer(block, np.int16), gains[channel])
                for block, gains in zip(blocks, self.gains, strict=True)
                if block is not None and gains[channel]
            ]
            if voices:
                picture[:, channel] = _weighted(voices)
        return picture.tobytes()


def as_array(pcm: bytes) -> PcmArray:
    """The samples of mono PCM as a read-only array over the same memory."""
    return np.frombuffer(pcm, np.int16)


def _weighted(voices: Sequence[tuple[PcmArray, float]]) -> PcmArray:
    """The saturating sum of voices, each with its gain."""
    if len(voices) == 1 and voices[0][1] == 1:
        return voices[0][0]
    total = np.zeros(len(voices[0][0]), np.float32)
    for samples, gain in voices:
        total += samples * np.float32(gain)
    return np.rint(total).clip(-32768, 32767).astype(np.int16)


def _places(voices: int) -> list[float]:
    """Where each voice stands, from 0 (left) to 1 (right)."""
    if voices == 1:
        return [0.5]
    between = max(voices - 2, 0)
    return [0.0, 1.0, *((nth + 1) / (between + 1) for nth in range(between))][:voices]


def _gains(place: float) -> tuple[float, float]:
    """Left and right gain whose powers add up to one.

    Rounded, because the last digit of a sine differs between mathematics libraries.
    """
    angle = place * math.pi / 2
    left, right = (round(gain * _GAIN_STEPS) for gain in (math.cos(angle), math.sin(angle)))
    return left / _GAIN_STEPS, right / _GAIN_STEPS
