"""Where the slow work of a session is done."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from soundstage.units import seconds_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.units import Samples

T = TypeVar("T")


class Workshop(Protocol):
    """Does slow things elsewhere, and brings the result back to the session's own thread."""

    def hear(self, work: Callable[[], T], done: Callable[[T | Exception], None]) -> None:
        """Recognise; one at a time."""
        ...

    def speak(self, work: Callable[[], T], done: Callable[[T | Exception], None]) -> None:
        """Synthesise; one at a time, never behind a recognition."""
        ...

    def after(self, delay: Samples, do: Callable[[], None]) -> None:
        """Do something when the delay has passed."""
        ...


class ThreadWorkshop:
    """Threads beside an asyncio loop: one that recognises, one that synthesises.

    Args:
        loop: where results come back, in the order in which they were made.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._ears = ThreadPoolExecutor(1, "recognise")
        self._mouths = ThreadPoolExecutor(1, "synthesise")

    def hear(self, work: Callable[[], T], done: Callable[[T | Exception], None]) -> None:
        """Recognise, in the thread for that."""
        self._ears.submit(self._do, work, done)

    def speak(self, work: Callable[[], T], done: Callable[[T | Exception], None]) -> None:
        """Synthesise, in the thread for that."""
        self._mouths.submit(self._do, work, done)

    def after(self, delay: Samples, do: Callable[[], None]) -> None:
        """Do something on the loop when the delay has passed."""
        self._loop.call_later(seconds_of(delay), do)

    def close(self) -> None:
        """Begin no more work; what is under way ends by itself."""
        for pool in (self._ears, self._mouths):
            pool.shutdown(wait=False, cancel_futures=True)

    def _do(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        try:
            value = work()
        except Exception as error:  # noqa: BLE001 - the session answers with an error event
            value = error
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(done, value)


class ImmediateWorkshop:
    """Does everything at once, in the caller's turn; delays by a given `after`."""

    def __init__(self, after: Callable[[Samples, Callable[[], None]], None]) -> None:
        self._after = after

    def hear(self, work: Callable[[], T], done: Callable[[T | Exception], None]) -> None:
        """Recognise now."""
        done(_tried(work))

    def speak(self, work: Callable[[], T], done: Callable[[T | Exception], None]) -> None:
        """Synthesise now."""
        done(_tried(work))

    def after(self, delay: Samples, do: Callable[[], None]) -> None:
        """Do something when the delay has passed."""
        self._after(delay, do)


def _tried(work: Callable[[], T]) -> T | Exception:
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - the session answers with an error event
        return error
