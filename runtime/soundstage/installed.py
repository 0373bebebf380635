"""What installed packages bring: their entry points, looked up once for the process."""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import EntryPoints, entry_points
from typing import Any, cast


@lru_cache(maxsize=32)
def installed(group: str) -> EntryPoints:
    """The entry points of a group; what is installed later counts in the next process."""
    return cast("EntryPoints", _all().select(group=group))


@lru_cache(maxsize=1)
def _all() -> Any:
    # Its type has another name before Python 3.12.
    return entry_points()
