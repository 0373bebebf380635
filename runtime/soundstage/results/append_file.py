"""A file that grows at its end, and counts what has really been written to it."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Protocol

from soundstage.errors import RecordingFailed

if TYPE_CHECKING:
    from pathlib import Path


class RawFile(Protocol):
    """What is used of an unbuffered binary file."""

    def write(self, data: bytes | bytearray, /) -> int | None:
        """Write as much as fits, and say how much that was."""
        ...

    def seek(self, offset: int, /) -> int:
        """Go to a place."""
        ...

    def truncate(self, size: int, /) -> int:
        """Cut, or extend with zeros, to so many bytes."""
        ...

    def close(self) -> None:
        """Give the file back."""
        ...


class AppendFile:
    """Appends to a file in large pieces.

    What could not be written is kept in its place and tried again the next time, so that a disk
    which was full for a while leaves neither a hole nor a torn line.

    Args:
        file: an unbuffered file at its beginning.
        name: what to call it in errors.

    Attributes:
        written: bytes that are really in the file.
    """

    def __init__(self, file: RawFile, name: str) -> None:
        self._file = file
        self._name = name
        self._pending = bytearray()
        self._open = True
        self.written = 0

    @classmethod
    def open(cls, path: Path) -> AppendFile:
        """Create the file, or empty it.

        Raises:
            RecordingFailed: it cannot be opened.
        """
        try:
            file = path.open("wb", buffering=0)
        except OSError as error:
            raise write_failure(str(path), error) from error
        return cls(file, str(path))

    @classmethod
    def continuing(cls, path: Path) -> AppendFile:
        """Go on where the file ends, or create it.

        Raises:
            RecordingFailed: it cannot be opened.
        """
        try:
            path.touch()
            file = path.open("r+b", buffering=0)
            continued = cls(file, str(path))
            continued.written = file.seek(0, os.SEEK_END)
        except OSError as error:
            raise write_failure(str(path), error) from error
        return continued

    @property
    def pending(self) -> int:
        """Bytes that wait to be written."""
        return len(self._pending)

    def put(self, data: bytes) -> None:
        """Append, in memory for now."""
        if not self._open:
            raise ValueError(f"{self._name} is closed: nothing can be added to it")
        self._pending += data

    def drain(self) -> None:
        """Write what waits.

        Raises:
            RecordingFailed: the file takes no more; the rest goes on waiting.
        """
        if not self._pending:
            return
        try:
            self._file.seek(self.written)
            while self._pending:
                count = self._write(self._pending)
                self.written += count
                del self._pending[:count]
        except OSError as error:
            raise write_failure(self._name, error) from error

    def extend(self, count: int) -> None:
        """Append so many zero bytes without writing them: they take no room on most disks.

        Raises:
            RecordingFailed: the file takes no more.
        """
        self.drain()
        try:
            self._file.truncate(self.written + count)
        except OSError as error:
            raise write_failure(self._name, error) from error
        self.written += count

    def overwrite(self, data: bytes) -> None:
        """Replace the beginning of the file at once; `data` is not longer than `written`.

        Raises:
            RecordingFailed: the file cannot be written.
        """
        try:
            self._file.seek(0)
            while data:
                data = data[self._write(data) :]
        except OSError as error:
            raise write_failure(self._name, error) from error

    def close(self) -> None:
        """Write what waits and give the file back, the latter in any case.

        Raises:
            RecordingFailed: the end of it could not be written.
        """
        if not self._open:
            return
        self._open = False
        try:
            try:
                self.drain()
            finally:
                self._file.close()
        except OSError as error:
            raise write_failure(self._name, error) from error

    def _write(self, data: bytes | bytearray) -> int:
        """Write some of it, one byte at least."""
        count = self._file.write(data)
        if not count:
            raise OSError(errno.ENOSPC, "no more can be written")
        return count


def write_failure(name: str, error: OSError) -> RecordingFailed:
    """What is raised for an error of the file system."""
    reason = error.strerror or str(error)
    return RecordingFailed(
        f"{name} cannot be written: {reason}; make room or name another folder with --out"
    )
