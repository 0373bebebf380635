"""An agent that is a program of one's own, with asyncio."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from msgspec import Struct

from soundstage.agent.agent import Agent
from soundstage.audio import FrameCutter
from soundstage.kernel import handles
from soundstage.messages import Frame, Tick
from soundstage.units import FRAMES_PER_SECOND, SILENCE, WALL

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from soundstage.agent.context import AgentContext
    from soundstage.kernel import PortalTask

T = TypeVar("T")

HEARS_BEHIND = 10 * FRAMES_PER_SECOND
"""Frames that may wait to be read: a program that is ten seconds late loses the oldest."""

SPEAKS_AHEAD = 120 * FRAMES_PER_SECOND
"""Frames that may wait to be played."""


class Line:
    """What a program hears, as an async iterator, and where it speaks.

    Attributes:
        dropped: frames lost because the program read or wrote too far from real time.
    """

    def __init__(self) -> None:
        self._heard: deque[Frame] = deque(maxlen=HEARS_BEHIND)
        self._came = asyncio.Event()
        self._ended = False
        self._speech: deque[bytes] = deque()
        self._cutter = FrameCutter()
        self.dropped = 0

    def write(self, pcm: bytes) -> None:
        """Be heard with 24 kHz mono 16-bit PCM of any length, paced by the line."""
        self._speech.extend(self._cutter.push(pcm))
        while len(self._speech) > SPEAKS_AHEAD:
            self._speech.popleft()
            self.dropped += 1

    def clear(self) -> None:
        """Play nothing more of what was written."""
        self._cutter = FrameCutter()
        self._speech.clear()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Frame:
        while not self._heard:
            if self._ended:
                raise StopAsyncIteration
            self._came.clear()
            await self._came.wait()
        return self._heard.popleft()

    # The actor's side.

    def feed(self, frame: Frame) -> None:
        """One frame of the mix; on the loop's thread."""
        if len(self._heard) == HEARS_BEHIND:
            self.dropped += 1
        self._heard.append(frame)
        self._came.set()

    def end(self) -> None:
        """No more frames will come; on the loop's thread."""
        self._ended = True
        self._came.set()

    @property
    def has_speech(self) -> bool:
        """Whether anything waits to be played. From any thread."""
        return bool(self._speech)

    def take(self) -> bytes:
        """The next frame to play; silence where none waits. From any thread."""
        try:
            return self._speech.popleft()
        except IndexError:
            return SILENCE


class _Returned(Struct, frozen=True):
    """The program has ended by itself."""


class _Raised(Struct, frozen=True):
    """The program has failed."""

    error: Exception


class AsyncAgent(Agent):
    """An agent whose whole life is one coroutine, `run`; wall clock only.

    `run` is cancelled when the scenario ends. When it returns, the agent leaves as soon as all that
    it wrote has been played. When it raises, the agent has failed.
    """

    clocks: ClassVar[frozenset[str]] = frozenset({WALL})

    def __init__(self, context: AgentContext) -> None:
        super().__init__(context)
        self._line: Line | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._program: PortalTask[None] | None = None

    async def run(self, line: Line) -> None:
        """Hear and speak on the line until there is nothing more to do."""
        raise NotImplementedError

    @property
    def endpoint_url(self) -> str:
        """The local endpoint's base URL, ending in `/v1`; empty where the run has none."""
        return self._agent_context.ports.endpoint_url

    @property
    def endpoint_key(self) -> str:
        """The API key that opens the local endpoint, for this run only; empty where it has none."""
        key = self._agent_context.ports.endpoint_key
        return key.reveal() if key else ""

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
    def _hear(self, frame: Frame) -> None:
        """Pass the frame on to the program."""
        if self._line is not None:
            self.portal.call(self._line.feed, frame)

    @handles(Tick)
    def speak_frame(self, tick: Tick) -> None:
        """Send what the program wrote, a frame at a time."""
        pcm = self._line.take() if self._line is not None else SILENCE
        if pcm is not SILENCE:
            self._speech_queue.add_frame(pcm)
        super().speak_frame(tick)

    @handles(_Returned)
    def _leave_after_return(self, _: _Returned) -> None:
        """The program is done."""
        self.leave()

    @handles(_Raised)
    def _fail_after_raise(self, raised: _Raised) -> None:
        """The program failed, and so does the agent."""
        raise raised.error

    def closed(self) -> None:
        """Cancel what still runs."""
        if self._program is not None:
            self._program.cancel()

    def _has_words_left(self) -> bool:
        waits = self._line is not None and self._line.has_speech
        return waits or super()._has_words_left()

    async def _live(self) -> None:
        # Made here, for an asyncio.Event belongs to the loop that it is first waited on.
        self._line = Line()
        try:
            await self.run(self._line)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
