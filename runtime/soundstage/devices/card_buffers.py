"""Buffers between a sound card's thread and the run: the two have different clocks."""

from __future__ import annotations

from typing import Final

from soundstage.units import FRAMES_PER_SECOND, SAMPLE_BYTES

TARGET_MS: Final = 60
"""Sound that waits for the card: it may be late by so much without a gap."""

SETTLE: Final = FRAMES_PER_SECOND
"""Puts for which too much must have waited before a frame is left out: a second."""

_SILENT: Final = memoryview(bytes(1 << 16))


class Ring:
    """A ring of bytes for one writer and one reader, each on its own thread; it needs no lock.

    It takes no memory while it works: a card's callback must not wait for that.

    Args:
        size: bytes that it holds.

    Attributes:
        lost: bytes that found no room.
    """

    def __init__(self, size: int) -> None:
        self._store = memoryview(bytearray(size))
        self._size = size
        # Counted from the beginning, each by one thread only.
        self._written = 0
        self._read = 0
        self.lost = 0

    @property
    def waiting(self) -> int:
        """Bytes that can be read."""
        return self._written - self._read

    def put(self, data: memoryview) -> None:
        """Write all of it, or lose all of it where there is no room."""
        length = len(data)
        if length > self._size - self.waiting:
            self.lost += length
            return
        start = self._written % self._size
        first = min(length, self._size - start)
        self._store[start : start + first] = data[:first]
        self._store[: length - first] = data[first:]
        self._written += length

    def get(self, out: memoryview) -> int:
        """Read as much as there is, and as fits; returns how much that was."""
        length = min(len(out), self.waiting)
        start = self._read % self._size
        first = min(length, self._size - start)
        out[:first] = self._store[start : start + first]
        out[first:length] = self._store[: length - first]
        self._read += length
        return length

    def take(self) -> bytes:
        """All that waits, as bytes of its own."""
        whole = bytearray(self.waiting)
        self.get(memoryview(whole))
        return bytes(whole)


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
