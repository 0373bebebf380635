"""Reading files that people write, with every way in which they can be wrong said in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TEXT_LIMIT = 1 << 20
"""The most bytes that a file somebody writes may have."""

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_text_file(path: Path) -> str:
    """The text of a file, a byte order mark left out.

    Args:
        path: a regular file of at most `TEXT_LIMIT` bytes of UTF-8.

    Raises:
        ValueError: it is missing, a folder, unreadable, too large, or not UTF-8.
    """
    data = _read(path)
    if len(data) > TEXT_LIMIT:
        raise ValueError(f"is larger than {TEXT_LIMIT >> 20} MiB, which no hand-written file is")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        utf16 = " (it looks like UTF-16)" if data.startswith(_UTF16_MARKS) else ""
        raise ValueError(f"is not UTF-8, from line {line} on{utf16}: save it as UTF-8") from None


def _read(path: Path) -> bytes:
    if path.is_dir():
        raise ValueError("is a folder, not a file")
    if path.exists() and not path.is_file():
        raise ValueError("is not a regular file")
    try:
        with path.open("rb") as file:
            return file.read(TEXT_LIMIT + 1)
    except FileNotFoundError:
        raise ValueError("does not exist") from None
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from None
