"""An agent that is a program of one's own, with asyncio."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from msgspec import Struct

from soundstage.agent._agent import Agent
from soundstage.agent._line import Line
from soundstage.kernel import handles
from soundstage.messages import Frame, Tick
from soundstage.units import SILENCE, WALL

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from soundstage.agent._given import Given

T = TypeVar("T")


class _Returned(Struct, frozen=True):
    """The program has ended by itself."""


class _Raised(Struct, frozen=True):
    """The program has failed."""

    error: Exception


class AsyncAgent(Agent):
    """An agent whose whole life is one coroutine, `run`; wall clock only.

    `run` is cancelled when the scenario ends. When it returns the agent leaves; when it raises
    the agent has failed.
    """

    clocks: ClassVar[frozenset[str]] = frozenset({WALL})

    def __init__(self, given: Given) -> None:
        super().__init__(given)
        self._line: Line | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    async def run(self, line: Line) -> None:
        """Hear and speak on the line until there is nothing more to do."""
        raise NotImplementedError

    @property
    def endpoint_url(self) -> str:
        """The local endpoint's base URL, ending in `/v1`; empty where the run has none."""
        return self.given.endpoint_url

    def create_task(self, coroutine: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run beside `run`, on its loop; cancelled with it."""
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        return task

    def started(self) -> None:
        """Start the program."""
        super().started()
        self._program = self.run_async(
            self._live(),
            result=lambda _: _Returned(),
            error=_Raised,
        )

    @handles(Frame)
    def hear(self, frame: Frame) -> None:
        """Pass the frame on to the program."""
        if self._line is not None:
            self.portal.call(self._line.feed, frame)

    @handles(Tick)
    def speak_frame(self, tick: Tick) -> None:
        """Send what the program wrote, a frame at a time."""
        pcm = self._line.take() if self._line is not None else SILENCE
        if pcm is not SILENCE:
            self._mouth.add_frame(pcm)
        super().speak_frame(tick)

    @handles(_Returned)
    def leave_after_return(self, _: _Returned) -> None:
        """The program is done."""
        self.leave()

    @handles(_Raised)
    def fail_after_raise(self, raised: _Raised) -> None:
        """The program failed, and so does the agent."""
        raise raised.error

    def closed(self) -> None:
        """Cancel what still runs."""
        self._program.cancel()

    async def _live(self) -> None:
        # Made here, for an asyncio.Event belongs to the loop that it is first waited on.
        self._line = Line()
        try:
            await self.run(self._line)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
