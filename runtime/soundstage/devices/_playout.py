"""Frames at the run's pace on their way to a speaker that keeps a pace of its own."""

from __future__ import annotations

from typing import Final

from soundstage.devices._ring import Ring
from soundstage.units import FRAMES_PER_SECOND, SAMPLE_BYTES

TARGET_MS: Final = 60
"""Sound that waits for the card: it may be late by so much without a gap."""

SETTLE: Final = FRAMES_PER_SECOND
"""Puts for which too much must have waited before a frame is left out: a second."""

_SILENT: Final = memoryview(bytes(1 << 16))


class Playout:
    """Takes a frame a tick and fills whatever the card asks for.

    The card's clock and the run's differ a little: where too little waits there is a gap of
    silence, where too much has waited for a second a frame is left out. Both are counted.

    Args:
        rate: samples a second of the card.

    Attributes:
        dropped: frames left out.
        concealed: times that the card found less than it asked for, once sound had begun.
    """

    def __init__(self, rate: int) -> None:
        self._target = rate * TARGET_MS // 1000 * SAMPLE_BYTES
        self._ring = Ring(rate * SAMPLE_BYTES)
        self._primed = False
        self._least = self._ring.waiting
        self._puts = 0
        self.dropped = 0
        self.concealed = 0

    @property
    def waiting(self) -> int:
        """Bytes that wait to be played."""
        return self._ring.waiting

    def put(self, pcm: bytes) -> None:
        """The next frame, at the card's rate."""
        self._least = min(self._least, self._ring.waiting)
        self._puts += 1
        if self._puts >= SETTLE:
            surplus = self._least > self._target
            self._puts, self._least = 0, self._ring.waiting
            if surplus:
                self.dropped += 1
                return
        lost = self._ring.lost
        self._ring.put(memoryview(pcm))
        self.dropped += self._ring.lost > lost

    def fill(self, out: memoryview) -> None:
        """Write what the card asks for; on the card's own thread."""
        if not self._primed:
            self._primed = self._ring.waiting >= self._target
        got = self._ring.get(out) if self._primed else 0
        if got < len(out):
            if self._primed:
                self.concealed += 1
            self._primed = False
            _silence(out[got:])


def _silence(out: memoryview) -> None:
    for start in range(0, len(out), len(_SILENT)):
        piece = out[start : start + len(_SILENT)]
        piece[:] = _SILENT[: len(piece)]
