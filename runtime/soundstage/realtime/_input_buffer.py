"""The caller's audio that is not yet part of the conversation."""

from __future__ import annotations

from typing import Final

from soundstage.units import SAMPLE_BYTES, SAMPLE_RATE, Samples, samples_of_ms

MIN_COMMIT: Final[Samples] = samples_of_ms(100)
"""The least audio that can be committed."""

MAX_BUFFERED_BYTES: Final = 15 * 1024 * 1024
"""The most audio that is kept, the limit of one `input_audio_buffer.append`: 327 s."""


class InputBuffer:
    """A stretch of audio, addressed by positions that count samples since the session began.

    It never holds more than `MAX_BUFFERED_BYTES`: the oldest audio goes first.

    Attributes:
        end: position one past the last sample heard, whether still held or not.
    """

    def __init__(self) -> None:
        self.end: Samples = 0
        self._pcm = bytearray()

    @property
    def start(self) -> Samples:
        """Position of the first sample held."""
        return self.end - self.held

    @property
    def held(self) -> Samples:
        """Samples held."""
        return len(self._pcm) // SAMPLE_BYTES

    @property
    def held_ms(self) -> float:
        """Milliseconds held."""
        return self.held * 1000 / SAMPLE_RATE

    def append(self, pcm: bytes) -> None:
        """Add audio, 24 kHz mono signed 16-bit, of any whole number of samples."""
        self._pcm += pcm
        self.end += len(pcm) // SAMPLE_BYTES
        self._drop(len(self._pcm) - MAX_BUFFERED_BYTES)

    def keep_from(self, start: Samples) -> None:
        """Drop what lies before a position."""
        self._drop((start - self.start) * SAMPLE_BYTES)

    def copy(self, start: Samples, end: Samples) -> bytes:
        """The audio between two positions, as far as it is held."""
        first = max(0, start - self.start) * SAMPLE_BYTES
        past = max(0, end - self.start) * SAMPLE_BYTES
        return bytes(self._pcm[first:past])

    def take(self) -> bytes:
        """Everything held, which is then held no more."""
        taken = bytes(self._pcm)
        self.clear()
        return taken

    def clear(self) -> None:
        """Drop everything held; positions go on counting."""
        self._pcm.clear()

    def _drop(self, count: int) -> None:
        if count > 0:
            del self._pcm[:count]
