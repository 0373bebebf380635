"""Audio that the client sends in events, on its way to being heard."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from soundstage.errors import ClientFault
from soundstage.realtime._input_buffer import MAX_BUFFERED_BYTES
from soundstage.units import FRAME_BYTES, SAMPLE_BYTES

if TYPE_CHECKING:
    from soundstage.realtime.audio_formats import Coder


class Appended:
    """Cuts appended audio into frames; the oldest is dropped when nobody takes them.

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
        return base64.b64decode(audio, validate=True)
    except ValueError:
        message = f"Invalid '{param}': audio must be valid base64."
        raise ClientFault("invalid_value", message, param=param) from None
