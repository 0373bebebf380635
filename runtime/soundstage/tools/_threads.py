"""Threads for tools that block."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

MOST: Final = 8
"""Tools that may block at once; further ones wait, and their time runs meanwhile."""


class ToolThreads:
    """Runs plain functions for one event loop, each in a thread of its own.

    A thread that never ends is given up: it keeps its place, and nothing waits for it when the
    program ends.

    Args:
        most: how many there may be at once.
    """

    def __init__(self, most: int = MOST) -> None:
        self._free = asyncio.Semaphore(most)

    async def run(self, function: Callable[[], T]) -> T:
        """Run a function; cancelled, it runs on, and what comes of it is dropped."""
        await self._free.acquire()
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Callable[[], T]] = loop.create_future()

        def settle(outcome: Callable[[], T]) -> None:
            self._free.release()
            if not done.done():
                done.set_result(outcome)

        def work() -> None:
            outcome = _outcome(function)
            with suppress(RuntimeError):  # the loop has closed: nobody wants to know any more
                loop.call_soon_threadsafe(settle, outcome)

        threading.Thread(target=work, name="tool", daemon=True).start()
        return (await done)()


def _outcome(function: Callable[[], T]) -> Callable[[], T]:
    """Calls the function; what then returns its value, or raises what it raised."""
    try:
        value = function()
    except BaseException as error:  # noqa: BLE001 - a tool that exits is one that failed
        # Kept apart from `error`, which is unset when this clause ends.
        raised = error if isinstance(error, Exception) else RuntimeError(repr(error))

        def fail() -> T:
            raise raised

        return fail
    return lambda: value
