"""How fast a session makes what it says."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

SPOKEN_WORDS: Final = 50.0
"""Words of a transcript that are told in a second where nothing is said of it: ahead of a voice."""

AUDIO_PACE: Final = 8.0
"""How much faster than it is heard audio is sent in events where nothing is said of it."""


class Tempo(Struct, frozen=True):
    """How fast a session makes what it says.

    Attributes:
        words: words told in a second, more than 0; None tells a text at once, and the words of
            a voice well ahead of it.
        audio: over a WebSocket, seconds of audio that are sent in a second, more than 0.
    """

    words: float | None = None
    audio: float = AUDIO_PACE

    def of_words(self, *, spoken: bool) -> float | None:
        """Words a second, None where they are told at once."""
        return SPOKEN_WORDS if spoken and self.words is None else self.words
