"""Tools that go wrong in every way there is."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from soundstage.tools import FunctionTool, ToolError


def raises() -> None:
    """Fails."""
    raise LookupError("no such city")


def refuses() -> None:
    """Fails, in words for the model."""
    raise ToolError("the shop is closed on Sundays")


def exits() -> None:
    """Tries to end the program."""
    raise SystemExit(3)


def stops() -> None:
    """Raises what a future cannot hold."""
    raise StopIteration


def formless() -> object:
    """Returns what JSON cannot say."""
    return object()


def endless() -> list[Any]:
    """Returns something that holds itself."""
    itself: list[Any] = []
    itself.append(itself)
    return itself


def misnamed() -> None:
    """Fails with half a surrogate pair, as the name of a file can hold one."""
    raise LookupError("no file called \udc80.wav")


def huge() -> str:
    """Returns a megabyte."""
    return "x" * 1_000_000


def untrue() -> float:
    """Returns a number that is none."""
    return float("nan")


class Hanging:
    """A tool that hangs until it is let go."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.calls = 0
        self._began = threading.Semaphore(0)

    def wait(self) -> str:
        """Waits."""
        self.calls += 1
        self._began.release()
        self.go.wait()
        return "went"

    async def began(self) -> None:
        """One more call has begun."""
        await asyncio.to_thread(self._began.acquire)

    def tool(self) -> FunctionTool:
        return FunctionTool("hangs", self.wait)
