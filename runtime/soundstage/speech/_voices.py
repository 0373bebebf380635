"""OpenAI's voice names, made from one recorded voice by pitch, formants and pace."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Shape(Struct, frozen=True):
    """How a voice differs from the recorded one.

    Attributes:
        pitch: factor on its 204 Hz.
        formant: factor on its formants, 0.82 to 1.08: beyond that it no longer sounds human.
        rate: factor on its pace.
    """

    pitch: float
    formant: float
    rate: float = 1.0


SHAPES: Final[Mapping[str, Shape]] = {
    "alloy": Shape(1.0, 1.0),
    "ash": Shape(0.75, 0.90),
    "ballad": Shape(0.82, 0.94, 0.94),
    "cedar": Shape(0.56, 0.84, 0.97),
    "coral": Shape(0.90, 0.95),
    "echo": Shape(0.60, 0.86),
    "marin": Shape(1.06, 1.02, 0.97),
    "sage": Shape(1.12, 1.04),
    "shimmer": Shape(1.18, 1.06, 1.03),
    "verse": Shape(0.66, 0.88, 0.92),
}


def voice_for(name: str, voices: Sequence[str]) -> tuple[str, bool]:
    """The voice to use for a name, and whether that is the one that was meant.

    An unknown name always gets the same stand-in.
    """
    if name in voices:
        return name, True
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
    return voices[number % len(voices)], False
