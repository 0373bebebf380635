"""The caller's audio that is not yet part of the conversation."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

from soundstage.errors import ClientFault
from soundstage.units import FRAME_BYTES, SAMPLE_BYTES, SAMPLE_RATE, Samples, samples_of_ms

if TYPE_CHECKING:
    from soundstage.realtime.audio_formats import Coder


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
        # A client that never commits would otherwise fill the memory of an endpoint.
        if len(self._pcm) > MAX_BUFFERED_BYTES:
            self._drop(len(self._pcm) - MAX_BUFFERED_BYTES)

    def keep_last(self, samples: Samples) -> None:
        """Drop all but so much audio."""
        self._drop(len(self._pcm) - samples * SAMPLE_BYTES)

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


class AppendedAudio:
    """Cuts appended audio into frames; the oldest is dropped when they are not taken.

    Args:
        coder: makes 24 kHz mono signed 16-bit of it.
    """

    def __init__(self, coder: Coder) -> None:
        self._coder = coder
        self._pcm = bytearray()

    def change(self, coder: Coder) -> None:
        """What comes from now on is of another format."""
        self._pcm += self._coder.flush()
        self._coder = coder

    def put(self, audio: str) -> None:
        """Add audio in base64, of the session's format and any length up to 15 MiB.

        Raises:
            ClientFault: it is not base64, or too much.
        """
        coded = read_audio(audio, "audio")
        if len(coded) > MAX_BUFFERED_BYTES:
            message = f"Invalid 'audio': at most {MAX_BUFFERED_BYTES} bytes can be appended."
            raise ClientFault("invalid_value", message, param="audio")
        self._pcm += self._coder.push(coded)
        # Whole samples: half of one would turn all that follows into noise.
        excess = len(self._pcm) - MAX_BUFFERED_BYTES
        if excess > 0:
            del self._pcm[: excess + excess % SAMPLE_BYTES]

    def frames(self) -> list[bytes]:
        """The whole frames so far; each is given once."""
        whole = len(self._pcm) - len(self._pcm) % FRAME_BYTES
        frames = [bytes(self._pcm[at : at + FRAME_BYTES]) for at in range(0, whole, FRAME_BYTES)]
        del self._pcm[:whole]
        return frames

    def rest(self) -> bytes:
        """All samples that were not given as frames; each is given once."""
        whole = len(self._pcm) - len(self._pcm) % SAMPLE_BYTES
        rest = bytes(self._pcm[:whole])
        del self._pcm[:whole]
        return rest

    def end(self) -> bytes:
        """All samples that were not given, and those still owed; what comes next begins anew."""
        self._pcm += self._coder.flush()
        return self.rest()

    def clear(self) -> None:
        """Forget what was not given."""
        self._coder.flush()
        self._pcm.clear()


def read_audio(audio: str, param: str) -> bytes:
    """Audio from base64.

    Raises:
        ClientFault: it is not base64.
    """
    try:
        # Strictly: letters that do not belong would shift every sample behind them.
        return base64.b64decode(audio, validate=True)
    except ValueError:
        message = f"Invalid '{param}': audio must be valid base64."
        raise ClientFault("invalid_value", message, param=param) from None
