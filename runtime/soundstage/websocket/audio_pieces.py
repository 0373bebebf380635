"""A client's frames on their way into events: some of them make a piece."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from soundstage.realtime import Coder

FRAMES_PER_PIECE: Final = 2
"""Frames in one event: 40 ms, between many messages and late ones."""


class AudioPieces:
    """Gathers frames until there are enough for an event."""

    def __init__(self) -> None:
        self._frames: list[bytes] = []

    def push(self, pcm: bytes, encoder: Coder) -> str | None:
        """One frame more; the audio of the event that is due, in base64, if one is."""
        self._frames.append(pcm)
        if len(self._frames) < FRAMES_PER_PIECE:
            return None
        audio = encoder.push(b"".join(self._frames))
        self._frames.clear()
        # A resampler gives what it has in bursts.
        return base64.b64encode(audio).decode() if audio else None
