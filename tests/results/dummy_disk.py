"""A file on a disk that has only so much room."""

from __future__ import annotations

import errno


class DummyFile:
    """Takes bytes until its disk is full, a part of the last piece included."""

    def __init__(self, room: int = 1 << 40, *, piece: int = 1 << 40) -> None:
        self.room = room
        self.piece = piece
        self.content = bytearray()
        self.closed = False
        self._at = 0

    def write(self, data) -> int:
        fits = min(len(data), self.piece, self.room - self._at)
        if fits <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.content[self._at : self._at + fits] = data[:fits]
        self._at += fits
        return fits

    def seek(self, offset: int) -> int:
        self._at = offset
        return offset

    def truncate(self, size: int) -> int:
        if size > self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.content += bytes(size - len(self.content))
        return size

    def close(self) -> None:
        self.closed = True
