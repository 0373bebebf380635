"""The portal: the one asyncio thread, for everything that waits for a network."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import logging
import threading
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from soundstage.errors import KernelError, PortalClosed, error_text
from soundstage.units import SAMPLE_RATE, Samples

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine


T = TypeVar("T")

_log = logging.getLogger("soundstage.kernel")

_LAST = 2.0
"""Seconds that cancelled tasks may take when the portal closes."""

_LOOP_ENDS_WITHIN = 4.0
"""Seconds that closing waits for the loop: more than `_LAST`, for the machine may be busy."""

_BETWEEN = 0.2
"""Seconds until they are cancelled again, with whatever they have started since."""


def make_loop() -> asyncio.AbstractEventLoop:
    """uvloop's, which is cheaper, where that exists: not on Windows."""
    if find_spec("uvloop") is None:
        return asyncio.new_event_loop()
    made: asyncio.AbstractEventLoop = import_module("uvloop").new_event_loop()
    return made


class PortalTask(Generic[T]):
    """A coroutine under way on the portal.

    Args:
        portal: where it runs.
        coroutine: what runs.
        deliver: called with the task once it has ended, unless it was cancelled.
    """

    def __init__(
        self,
        portal: Portal,
        coroutine: Coroutine[Any, Any, T],
        deliver: Callable[[asyncio.Task[T]], None],
    ) -> None:
        self._portal = portal
        self._coroutine = coroutine
        self._deliver = deliver
        self._task: asyncio.Task[T] | None = None
        self._cancelled = False

    def cancel(self) -> None:
        """Cancel it; neither its result nor its error will come. From any thread."""
        # Set here and not on the loop: the result may be on its way at this moment.
        self._cancelled = True
        with contextlib.suppress(PortalClosed):
            self._portal.call(self._cancel_task)

    def begin(self) -> None:
        """Start it; on the loop's thread."""
        if self._cancelled:
            # A coroutine that was never awaited must be closed, or Python warns of it.
            self._coroutine.close()
            return
        self._task = asyncio.get_running_loop().create_task(self._coroutine)
        self._task.add_done_callback(self._ended)

    def _cancel_task(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _ended(self, task: asyncio.Task[T]) -> None:
        if not self._cancelled and not task.cancelled():
            self._deliver(task)


class Portal:
    """Runs coroutines for actors, which never wait for them.

    Attributes:
        loop: its event loop, uvloop's where that exists.
    """

    def __init__(self) -> None:
        self.loop = make_loop()
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="portal", daemon=True)
        self._thread.start()

    def call(self, function: Callable[..., object], *args: object) -> None:
        """Call a function on the loop's thread, without waiting. From any thread.

        Raises:
            PortalClosed: the portal has closed.
        """
        if self._closed:
            raise PortalClosed("the portal has closed")
        # The thread-safe call wakes the loop through a socket, which this thread need not.
        if threading.get_ident() == self._thread.ident:
            self.loop.call_soon(function, *args)
            return
        try:
            self.loop.call_soon_threadsafe(function, *args)
        except RuntimeError:  # it has closed on its own thread since we looked
            raise PortalClosed("the portal has closed") from None

    def start(
        self,
        coroutine: Coroutine[Any, Any, T],
        tell: Callable[[object], None],
        *,
        result: Callable[[T], object],
        error: Callable[[Exception], object],
    ) -> PortalTask[T]:
        """Run a coroutine; `tell` gets the message made of its result or error.

        Raises:
            PortalClosed: the portal has closed.
        """

        def deliver(task: asyncio.Task[T]) -> None:
            try:
                message = result(task.result())
            except Exception as failure:  # noqa: BLE001 - it is told
                message = error(failure)
            except BaseException as failure:  # noqa: BLE001 - likewise
                # A coroutine that exits has failed: the program is not its to end.
                exited = RuntimeError(repr(failure)).with_traceback(failure.__traceback__)
                message = error(exited)
            tell(message)

        task = PortalTask(self, coroutine, deliver)
        try:
            self.call(task.begin)
        except PortalClosed:
            coroutine.close()
            raise
        return task

    def run(self, function: Callable[..., Awaitable[T]], *args: object, within: Samples) -> T:
        """Run a coroutine function and wait for it: for the main thread, never in a turn.

        Raises:
            TimeoutError: it took too long; it is cancelled.
            KernelError: called on the portal's own thread, which would wait for itself.
        """
        if threading.get_ident() == self._thread.ident:
            raise KernelError("the portal's own thread cannot wait for the portal")
        if self._closed:
            raise PortalClosed("the portal has closed")

        async def bounded() -> T:
            async with asyncio.timeout(within / SAMPLE_RATE):
                return await function(*args)

        # Twice bounded: the second limit is for a coroutine that blocks its loop.
        future = asyncio.run_coroutine_threadsafe(bounded(), self.loop)
        try:
            return future.result(within / SAMPLE_RATE + _LAST)
        except concurrent.futures.TimeoutError:
            future.cancel()
            raise TimeoutError(f"it took longer than {within / SAMPLE_RATE:.1f} s") from None

    def close(self) -> None:
        """Cancel what runs, wait for it with a deadline, and end the thread."""
        if self._closed:
            return
        # First, so that nothing new is begun while the loop ends.
        self._closed = True
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(_LOOP_ENDS_WITHIN)
        if self._thread.is_alive():
            _log.warning("a coroutine blocks its loop, which is given up")

    def _serve(self) -> None:
        asyncio.set_event_loop(self.loop)
        try:
            self._run_until_closed()
            self.loop.run_until_complete(self._wind_up())
        finally:
            asyncio.set_event_loop(None)
            self.loop.close()

    def _run_until_closed(self) -> None:
        while True:
            try:
                self.loop.run_forever()
            except (SystemExit, KeyboardInterrupt) as error:
                # asyncio lets these two out of the loop, which serves every agent and every call.
                # The task that raised has the error, too: what awaits it gets it there.
                _log.error("a coroutine raised %s", error_text(error), exc_info=error)
            else:
                return

    async def _wind_up(self) -> None:
        # A task that was cancelled may clean up, but not for as long as it likes.
        end = self.loop.time() + _LAST
        # Again and again, as what is cancelled may start something new to clean up behind it.
        while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=_BETWEEN)
            if self.loop.time() > end:
                for task in asyncio.all_tasks() - {asyncio.current_task()}:
                    _log.warning("a task did not end when it was cancelled: %r", task)
                break
        await self.loop.shutdown_asyncgens()
        await self.loop.shutdown_default_executor()
