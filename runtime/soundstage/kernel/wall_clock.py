"""The wall's time: of day, how long something takes, and for asyncio code that paces itself."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from soundstage.units import FRAME_SAMPLES, SAMPLE_RATE, Samples

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_NANOS = 1_000_000_000

_BEAT: Final = _NANOS * FRAME_SAMPLES // SAMPLE_RATE
"""Nanoseconds between two beats."""

_EARLY: Final = 1_000_000
"""Nanoseconds by which a beat may be told early: what the timers of uvloop are rounded to."""


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
        """The absolute 20 ms pace from now on; ticks missed in a stall come one after another.

        All that keep the pace on one loop keep it together: the first tick comes within 20 ms.
        """
        beats = _beats_of(asyncio.get_running_loop())
        # From one beginning, so that delays do not add up.
        beat = -(-time.monotonic_ns() // _BEAT)
        pts = (beat * _BEAT - self._start) * SAMPLE_RATE // _NANOS
        while True:
            await beats.wait(beat)
            yield pts
            beat += 1
            pts += FRAME_SAMPLES


class _Beats:
    """The times 20 ms apart at which all that keep the pace on one loop go on.

    A loop with many calls wakes once for all of them: to wake costs more than a call does.
    """

    def __init__(self) -> None:
        self._waiting: dict[int, list[asyncio.Future[None]]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._next = 0

    async def wait(self, beat: int) -> None:
        """Wait until a beat, counted from the clock's zero; not at all when it has passed."""
        if beat * _BEAT - time.monotonic_ns() <= 0:
            await asyncio.sleep(0)
            return
        reached: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(beat, []).append(reached)
        if self._timer is None or beat < self._next:
            self._set_timer()
        try:
            await reached
        except asyncio.CancelledError:
            self._forget(beat, reached)
            raise

    def _set_timer(self) -> None:
        self._stop_timer()
        self._next = min(self._waiting)
        ahead = self._next * _BEAT - time.monotonic_ns()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(max(0, ahead) / _NANOS, self._go_on)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None

    def _go_on(self) -> None:
        self._timer = None
        reached = time.monotonic_ns() + _EARLY
        for beat in [each for each in self._waiting if each * _BEAT <= reached]:
            for waiting in self._waiting.pop(beat):
                if not waiting.done():  # it was cancelled
                    waiting.set_result(None)
        if self._waiting:
            self._set_timer()

    def _forget(self, beat: int, reached: asyncio.Future[None]) -> None:
        """One does not wait any more; the last one leaves no timer, which would hold the loop."""
        waiting = self._waiting.get(beat, [])
        if reached in waiting:
            waiting.remove(reached)
        if not waiting:
            self._waiting.pop(beat, None)
        if not self._waiting:
            self._stop_timer()


_known: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, _Beats]] = WeakKeyDictionary()


def _beats_of(loop: asyncio.AbstractEventLoop) -> _Beats:
    beats = _known.get(loop)
    if beats is None:
        beats = _known[loop] = _Beats()
    return beats
