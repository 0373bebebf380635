"""What is to happen at a time of the wall clock, and the thread that sees to it."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from typing import TYPE_CHECKING

from soundstage.units import SAMPLE_RATE, Samples

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger("soundstage.kernel")

_NANOS = 1_000_000_000


class Due:
    """Something that will happen, unless it is cancelled.

    Attributes:
        do: what happens; None once it is cancelled, so that nothing is kept alive until then.
    """

    __slots__ = ("do",)

    def __init__(self, do: Callable[[], None]) -> None:
        self.do: Callable[[], None] | None = do

    def cancel(self) -> None:
        """It will not happen; harmless when it has. From any thread."""
        self.do = None


class WallTimers:
    """Calls things at their times, one after the other on a thread of its own.

    Args:
        name: of the thread.
    """

    def __init__(self, name: str) -> None:
        self._start = time.monotonic_ns()
        # The number keeps the order of equal times, and no two entries are ever compared further.
        self._due: list[tuple[Samples, int, Due]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()

    @property
    def now(self) -> Samples:
        """Samples since these timers were made."""
        return (time.monotonic_ns() - self._start) * SAMPLE_RATE // _NANOS

    def later(self, delay: Samples, do: Callable[[], None]) -> Due:
        """Call something when the delay has passed. From any thread."""
        return self.at(self.now + max(0, delay), do)

    def at(self, pts: Samples, do: Callable[[], None]) -> Due:
        """Call something at a time, at once where that has passed. From any thread."""
        due = Due(do)
        with self._changed:
            heapq.heappush(self._due, (pts, next(self._order), due))
            # The new one may be due before what the thread waits for.
            self._changed.notify()
        return due

    def close(self) -> None:
        """Call nothing more, and end the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _serve(self) -> None:
        # Called without the lock, so that what is called may set a timer itself.
        while (due := self._next()) is not None:
            # Read once: another thread may cancel it at any moment.
            do = due.do
            if do is None:
                continue
            try:
                do()
            except Exception:  # noqa: BLE001 - the thread keeps the time of everything else too
                _log.exception("what was due could not be done")

    def _next(self) -> Due | None:
        with self._changed:
            while not self._closed:
                if not self._due:
                    self._changed.wait()
                elif (wait := self._due[0][0] - self.now) > 0:
                    self._changed.wait(wait / SAMPLE_RATE)
                else:
                    return heapq.heappop(self._due)[2]
        return None
