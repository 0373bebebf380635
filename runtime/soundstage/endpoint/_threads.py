"""A workshop of threads beside an asyncio loop."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from soundstage.endpoint._workshop import Craft
from soundstage.units import seconds_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.kernel import Timer
    from soundstage.units import Samples

T = TypeVar("T")

CHATS_AT_ONCE = 16
"""More would wait for one another."""

YIELDS = 10
"""How much nicer recognition is than the rest: it may come a little later, sound may not."""

_log = logging.getLogger("soundstage.endpoint")


class ThreadWorkshop:
    """One thread for each craft, begun with its first work; for chats, which wait, several.

    The engines work in one thread each, so more of them would only take turns.

    Args:
        loop: whose thread the sessions live on; all methods are called there.
    """

    is_instant = False

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._threads = {
            craft: ThreadPoolExecutor(
                CHATS_AT_ONCE if craft is Craft.CHAT else 1,
                f"endpoint-{craft.name.lower()}",
                _yield_to_sound if craft is Craft.RECOGNISE else None,
            )
            for craft in Craft
        }
        self._under_way: set[Future[Any]] = set()

    def submit(
        self,
        craft: Craft,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> Timer:
        """Have it done in the thread of its craft."""
        future = self._threads[craft].submit(work)
        errand = _Errand(future, done, failed)
        self._under_way.add(future)
        future.add_done_callback(lambda _: self._post(errand))
        return errand

    async def run(self, craft: Craft, work: Callable[[], T]) -> T:
        """Have something done, and wait for it."""
        return await asyncio.wrap_future(self._threads[craft].submit(work))

    def after(self, delay: Samples, do: Callable[[], None]) -> Timer:
        """Call something on the loop when the delay has passed."""
        return self._loop.call_later(seconds_of(delay), do)

    async def close(self, within: Samples) -> None:
        """Begin no more work, and wait so long for what is under way."""
        for thread in self._threads.values():
            thread.shutdown(wait=False, cancel_futures=True)
        under_way = [asyncio.wrap_future(each) for each in self._under_way if each.running()]
        if under_way:
            _, late = await asyncio.wait(under_way, timeout=seconds_of(within))
            if late:
                _log.warning("a speech engine was still at work when the endpoint closed")
                return
        for thread in self._threads.values():
            thread.shutdown(wait=True)

    def _post(self, errand: _Errand[T]) -> None:
        with suppress(RuntimeError):  # the loop has closed, and every session with it
            self._loop.call_soon_threadsafe(self._deliver, errand)

    def _deliver(self, errand: _Errand[T]) -> None:
        self._under_way.discard(errand.future)
        errand.deliver()


def _yield_to_sound() -> None:
    """Lower the thread's priority, and that of the threads which an engine loaded in it starts.

    Only on Linux has each thread a priority of its own.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        nice = os.getpriority(os.PRIO_PROCESS, thread) + YIELDS
        os.setpriority(os.PRIO_PROCESS, thread, nice)


class _Errand(Generic[T]):
    def __init__(
        self, future: Future[T], done: Callable[[T], None], failed: Callable[[Exception], None]
    ) -> None:
        self.future = future
        self._done = done
        self._failed = failed
        self._cancelled = False

    def cancel(self) -> None:
        self._cancelled = True
        self.future.cancel()

    def deliver(self) -> None:
        if self._cancelled or self.future.cancelled():
            return
        error = self.future.exception()
        if error is None:
            self._done(self.future.result())
        elif isinstance(error, Exception):
            self._failed(error)
