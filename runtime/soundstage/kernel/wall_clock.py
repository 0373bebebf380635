"""The wall's time: of day, how long something takes, and for asyncio code that paces itself."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from soundstage.units import FRAME_SAMPLES, SAMPLE_RATE, Samples

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_NANOS = 1_000_000_000


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


class AsyncClock:
    """Counts samples of wall time from its making, and sleeps by them."""

    def __init__(self) -> None:
        # Monotonic: the time of day jumps when the machine's clock is set.
        self._start = time.monotonic_ns()

    def now(self) -> Samples:
        """Samples since the clock was made."""
        return (time.monotonic_ns() - self._start) * SAMPLE_RATE // _NANOS

    async def sleep(self, duration: Samples) -> None:
        """Wait for so long."""
        await asyncio.sleep(max(0, duration) / SAMPLE_RATE)

    async def sleep_until(self, pts: Samples) -> None:
        """Wait until a time, not at all when it has passed."""
        await self.sleep(pts - self.now())

    async def ticks(self) -> AsyncIterator[Samples]:
        """The absolute 20 ms pace from now on; ticks missed in a stall come one after another."""
        # From one beginning, so that delays do not add up.
        pts = self.now()
        while True:
            await self.sleep_until(pts)
            yield pts
            pts += FRAME_SAMPLES
