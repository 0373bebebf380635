"""Audio of any length cut into frames."""

from __future__ import annotations

from soundstage.units import FRAME_BYTES, SILENCE


class FrameCutter:
    """Collects bytes and returns them frame by frame.

    A frame of zeros comes back as `SILENCE` itself, which costs nothing further on.
    """

    def __init__(self) -> None:
        self._rest = bytearray()

    def push(self, pcm: bytes) -> list[bytes]:
        """Take audio of any length; returns the frames that are now complete."""
        self._rest += pcm
        whole = len(self._rest) - len(self._rest) % FRAME_BYTES
        frames = [
            _shared(bytes(self._rest[start : start + FRAME_BYTES]))
            for start in range(0, whole, FRAME_BYTES)
        ]
        del self._rest[:whole]
        return frames

    def flush(self) -> list[bytes]:
        """The unfinished frame, padded with silence; none where nothing is left."""
        return self.push(bytes(FRAME_BYTES - len(self._rest))) if self._rest else []


def _shared(frame: bytes) -> bytes:
    return SILENCE if frame == SILENCE else frame
