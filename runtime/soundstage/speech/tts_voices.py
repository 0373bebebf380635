"""The voices: one recorded speaker, made into ten by pitch, formants and pace."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Voice(Struct, frozen=True):
    """How a voice differs from the recorded one.

    Attributes:
        pitch: its pitch relative to 204 Hz.
        formant: the height of its vowels, as a shorter or longer throat would make it; 0.82 to
            1.08, beyond that words become hard to understand.
        pace: how fast it speaks.
    """

    pitch: float
    formant: float
    pace: float = 1.0


VOICES: Final[Mapping[str, Voice]] = {
    "alloy": Voice(1.00, 1.00),
    "ash": Voice(0.76, 0.90),
    "ballad": Voice(0.70, 0.93, 0.94),
    "coral": Voice(0.90, 0.95, 1.04),
    "echo": Voice(0.60, 0.86),
    "sage": Voice(1.12, 1.04),
    "shimmer": Voice(1.18, 1.07, 1.03),
    "verse": Voice(0.65, 0.89, 0.94),
    "marin": Voice(1.06, 0.98, 0.97),
    "cedar": Voice(0.55, 0.84, 0.97),
}


def voice_for(name: str, voices: Sequence[str]) -> tuple[str, bool]:
    """The voice for a name: its own, or a stand-in that is always the same for this name.

    Args:
        name: as OpenAI or the scenario calls the voice.
        voices: those that the synthesiser has, at least one.

    Returns:
        The voice, and whether the name was known.
    """
    if name in voices:
        return name, True
    digest = hashlib.sha256(name.encode()).digest()
    return voices[int.from_bytes(digest[:8], "big") % len(voices)], False
