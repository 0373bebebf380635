"""The functions that a client's model may call."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from soundstage.tools import Answer, FunctionTool, Mark, ToolThreads, answer_async, mark_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from soundstage.realtime import ToolRequested


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
        self._threads = ToolThreads()
        self._running: set[asyncio.Task[None]] = set()

    def definitions(self) -> list[dict[str, Any]]:
        """The functions as a session declares them."""
        return [function.definition() for function, _ in self._tools.values()]

    def begin(self, request: ToolRequested, give_back: Callable[[str, Answer], None]) -> None:
        """Run a function, if it is one of these; any other call is the program's to answer."""
        if request.name not in self._tools:
            return
        function, bounds = self._tools[request.name]

        async def run() -> None:
            given = await answer_async(
                function,
                request.name,
                request.arguments,
                threads=self._threads,
                within=bounds.timeout,
            )
            give_back(request.call_id, given)

        task = asyncio.get_running_loop().create_task(run())
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def close(self) -> None:
        """Cancel what runs."""
        running = list(self._running)
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)
