"""Audio of any length, cut into frames."""

from __future__ import annotations

from soundstage.units import FRAME_BYTES


class FrameCutter:
    """Cuts PCM into frames of 20 ms; what does not fill one waits."""

    def __init__(self) -> None:
        self._rest = b""

    def push(self, pcm: bytes) -> list[bytes]:
        """Add PCM of any length; the frames that are full with it."""
        pcm = self._rest + pcm if self._rest else pcm
        whole = len(pcm) - len(pcm) % FRAME_BYTES
        self._rest = pcm[whole:]
        return [pcm[at : at + FRAME_BYTES] for at in range(0, whole, FRAME_BYTES)]

    def flush(self) -> list[bytes]:
        """The last frame, filled up with silence; none where nothing waits."""
        rest, self._rest = self._rest, b""
        return [rest.ljust(FRAME_BYTES, b"\0")] if rest else []
