"""Eviction: a folder is kept from growing without bound."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEPT: Final = 0.8
"""The share of the limit that stays, so that not each further value leads to an eviction."""

_ABANDONED: Final = 3600 * 10**9
"""Nanoseconds after which a file that was not finished counts as abandoned."""


class _File(NamedTuple):
    used: int
    size: int
    path: Path


def evict(folder: Path, limit: int) -> None:
    """Remove the files that were used longest ago, if there is more than the limit.

    Other processes may do the same at the same time. Files that were begun an hour before the
    newest one, and never finished, are removed in any case.
    """
    files = sorted(_files(folder))
    newest = files[-1].used if files else 0
    abandoned = {
        file for file in files if file.path.suffix == ".part" and newest - file.used > _ABANDONED
    }
    for file in abandoned:
        _remove(file)
    total = sum(file.size for file in files)
    if total <= limit:
        return
    for file in files:
        if total <= limit * _KEPT:
            break
        if file not in abandoned:
            _remove(file)
        total -= file.size


def _files(folder: str | Path) -> Iterator[_File]:
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    yield from _files(entry.path)
                elif entry.is_file(follow_symlinks=False):
                    stat = entry.stat(follow_symlinks=False)
                    yield _File(stat.st_mtime_ns, stat.st_size, Path(entry.path))


def _remove(file: _File) -> None:
    with suppress(OSError):
        file.path.unlink()
