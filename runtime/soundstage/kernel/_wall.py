"""The wall's own time, for names of folders and for how long a run took."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def utc_now() -> datetime:
    """The date and time, in UTC."""
    return datetime.now(UTC)


class Stopwatch:
    """Counts seconds of wall time from its making."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since it was made."""
        return time.monotonic() - self._start
