"""What raw audio looks like when it is not what the scenario says of it: the slips of newcomers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from soundstage.bots.wire_audio import WireFormat

_ENOUGH: Final = 640
"""Bytes from which on a piece of audio tells something: 20 ms at 16 kHz."""

_WHOLE: Final = 1.0
_HEARD: Final = 0.01
_MOVES: Final = 16
"""Values, of which speech has more in 20 ms."""


def doubt_about(audio: bytes, form: WireFormat) -> str:
    """Why a piece of a bot's audio is hardly what it should be; empty where it may well be.

    Args:
        audio: a message, as it came.
        form: what the scenario says that it is.
    """
    if audio[:4] == b"RIFF" and audio[8:12] == b"WAVE":
        return "begins with the header of a WAV file, which is heard as a click: send bare samples"
    if form.encoding != "pcm16" or len(audio) < _ENOUGH:
        return ""
    if _is_float(audio):
        return 'looks like 32-bit floats, and is heard as noise: encoding = "pcm16" is 16-bit'
    if _is_doubled(audio):
        return "has each sample twice, as stereo has, and is heard at half of its speed: send mono"
    return ""


def _is_float(audio: bytes) -> bool:
    """Samples of 16 bits that swing around zero are never numbers of -1 to 1 in 32 bits."""
    values = np.abs(np.frombuffer(audio[: len(audio) // 4 * 4], "<f4"))
    return bool(np.isfinite(values).all() and _HEARD < values.max() <= _WHOLE)


def _is_doubled(audio: bytes) -> bool:
    pairs = np.frombuffer(audio[: len(audio) // 4 * 4], "<i2").reshape(-1, 2)
    is_alike = np.array_equal(pairs[:, 0], pairs[:, 1])
    # What hardly moves, as silence or a square wave, is alike in mono, too.
    return is_alike and np.unique(pairs).size > _MOVES
