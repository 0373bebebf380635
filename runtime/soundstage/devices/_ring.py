"""Bytes from one thread to another, with no lock and no memory that is not there already."""

from __future__ import annotations


class Ring:
    """A ring of bytes for one writer and one reader, each on a thread of its own.

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
