"""A voice for every name that a scenario may give."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


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
