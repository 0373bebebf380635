"""The server as a test starts it, and how a scene with it is played."""

from __future__ import annotations

import asyncio
import gc
import threading
from contextlib import asynccontextmanager
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

import psutil
from dummy_engines import DummyEngines
from msgspec import structs
from openai import AsyncOpenAI

from soundstage.endpoint import CallPlan, EndpointServer, LocalSettings
from soundstage.seeds import Seeds
from soundstage.speech import Engines

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable


def plan(local: dict[str, Any] | None = None, name: str | None = None) -> CallPlan:
    settings = LocalSettings.model_validate(local or {})
    stream = partial(Seeds(1).stream, "caller")
    return CallPlan(local=settings, stream=stream, name=name, replaces_model=name is not None)


def make_server(
    local: dict[str, Any] | None = None, *, engines: Any = None, **options: Any
) -> EndpointServer:
    first, calls = plan(local), count(1)

    def choose(_: tuple[str, ...]) -> CallPlan:
        # One table for all sessions, so that they are numbered, and no id comes twice.
        return structs.replace(first, stream=partial(Seeds(1).stream, "caller", str(next(calls))))

    return EndpointServer(
        options.pop("choose", choose),
        engines=engines or DummyEngines(),
        **options,
    )


@asynccontextmanager
async def serving(server: EndpointServer) -> AsyncIterator[AsyncOpenAI]:
    """The official SDK, pointed at the server, with nothing else changed."""
    await server.start()
    try:
        async with AsyncOpenAI(
            base_url=server.base_url, api_key="any", max_retries=0, timeout=10
        ) as client:
            yield client
    finally:
        await server.close()


def play(scene: Callable[[], Awaitable[None]], *, loop: Any = asyncio.new_event_loop) -> None:
    """Play a scene, and see that it leaves no thread, task or socket behind."""
    before = set(threading.enumerate())

    async def run() -> None:
        await scene()
        assert asyncio.all_tasks() == {asyncio.current_task()}
        sockets = psutil.Process().net_connections()
        assert not [each for each in sockets if each not in open_before]

    gc.collect()
    open_before = psutil.Process().net_connections()
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(run())
    assert set(threading.enumerate()) - before == set()


def say(text: str, voice: str = "ash") -> bytes:
    parts = Engines().synthesizer.synthesize(text, voice)
    return b"".join(part.pcm for part in parts)
