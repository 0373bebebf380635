"""The functions that a client's model may call."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from soundstage.errors import JobLate
from soundstage.kernel import JobKind, ThreadExecutor, calls_on
from soundstage.tools import (
    Answer,
    FunctionTool,
    Mark,
    answer,
    answer_async,
    failed,
    late,
    mark_of,
)
from soundstage.units import samples_of_seconds, seconds_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from soundstage.realtime import ToolRequested
    from soundstage.units import Samples

CLOSES_WITHIN: Final = samples_of_seconds(1)
"""Threads that have nothing to do end at once; one that hangs in a function is left alone."""


class Functions:
    """Runs functions as a session asks for them: coroutines on the loop, others in threads.

    Args:
        functions: each with type hints and a docstring; `@tool` says how long one may take.

    Raises:
        UsageError: one of them cannot be a tool.
    """

    def __init__(self, functions: Iterable[Callable[..., object]]) -> None:
        self._tools: dict[str, tuple[FunctionTool, Mark]] = {}
        for function in functions:
            name = getattr(function, "__name__", type(function).__name__)
            self._tools[name] = (FunctionTool(name, function), mark_of(function) or Mark())
        self._executor: ThreadExecutor | None = None
        self._closed = False
        self._running: set[asyncio.Task[None]] = set()

    def definitions(self) -> list[dict[str, Any]]:
        """The functions as a session declares them."""
        return [function.definition() for function, _ in self._tools.values()]

    def begin(self, request: ToolRequested, give_back: Callable[[str, Answer], None]) -> None:
        """Run a function, if it is one of these; any other call is the program's to answer."""
        if request.name not in self._tools:
            return
        function, bounds = self._tools[request.name]
        if function.is_async:
            self._begin_async(function, request, bounds.timeout, give_back)
        else:
            self._begin_in_thread(function, request, bounds.timeout, give_back)

    async def close(self) -> None:
        """Cancel what runs; a function in a thread runs on, and what it returns is dropped."""
        self._closed = True
        running = list(self._running)
        for task in running:
            task.cancel()
        if running:
            # One that swallows its cancellation is left alone.
            await asyncio.wait(running, timeout=seconds_of(CLOSES_WITHIN))
        if self._executor is not None:
            await asyncio.to_thread(self._executor.close, CLOSES_WITHIN)

    def _begin_async(
        self,
        function: FunctionTool,
        request: ToolRequested,
        timeout: Samples,
        give_back: Callable[[str, Answer], None],
    ) -> None:
        async def run() -> None:
            given = await answer_async(function, request.name, request.arguments, within=timeout)
            give_back(request.call_id, given)

        task = asyncio.get_running_loop().create_task(run())
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def _begin_in_thread(
        self,
        function: FunctionTool,
        request: ToolRequested,
        timeout: Samples,
        give_back: Callable[[str, Answer], None],
    ) -> None:
        if self._executor is None:
            self._executor = ThreadExecutor()
        name = request.name

        def give(given: Answer) -> None:
            if not self._closed:
                give_back(request.call_id, given)

        def succeed(given: Answer) -> Callable[[], None]:
            return lambda: give(given)

        def fail(error: Exception) -> Callable[[], None]:
            return succeed(
                late(name, timeout) if isinstance(error, JobLate) else failed(name, error)
            )

        loop = asyncio.get_running_loop()

        def await_on_loop(result: Awaitable[object]) -> object:
            # What the program awaits belongs to its own loop: its connections, say.
            running = asyncio.run_coroutine_threadsafe(_awaited(result), loop)
            try:
                return running.result(seconds_of(timeout))
            finally:
                running.cancel()

        self._executor.submit(
            JobKind.TOOL,
            partial(answer, function, name, request.arguments, await_result=await_on_loop),
            owner="a client",
            tell=calls_on(loop),
            result=succeed,
            error=fail,
            within=timeout,
        )


async def _awaited(result: Awaitable[object]) -> object:
    return await result
