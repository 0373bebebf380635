"""What `soundstage endpoint` does once its arguments are read."""

from __future__ import annotations

import asyncio
import itertools
import logging
import secrets
import signal
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from soundstage.endpoint import CallPlan, EndpointServer, JsonLines
from soundstage.kernel import make_loop
from soundstage.realtime import Ids
from soundstage.scenario import Behaviour, WatchedBehaviour
from soundstage.seeds import Seeds
from soundstage.speech import Engines

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from types import FrameType

AGENT_HEADER = "X-Soundstage-Agent"


class EndpointRequest(Struct, frozen=True):
    """What was asked for on the command line.

    Attributes:
        host: the address to listen on.
        port: 0 for any that is free.
        api_key: the one key that opens it; None where any does.
        config: the file with its behaviour, or None.
        quiet: whether only warnings are logged.
    """

    host: str
    port: int
    api_key: str | None
    config: Path | None
    quiet: bool


def serve(request: EndpointRequest) -> None:
    """Serve until Ctrl-C or TERM.

    Raises:
        ScenarioError: the configuration is wrong.
        UsageError: other machines would reach the endpoint, and there is no key.
        PortTaken: it cannot listen there.
        EngineMissing: a speech engine is not installed.
        WeightsMismatch: a model is not the one that was tested.
    """
    _log_to_stderr(logging.WARNING if request.quiet else logging.INFO)
    current = _behaviour_of(request.config)
    for warning in current().warnings:
        logging.getLogger("soundstage.endpoint").warning("in the configuration: %s", warning)
    with asyncio.Runner(loop_factory=make_loop) as runner:
        runner.run(_serve(request, current))


def _behaviour_of(config: Path | None) -> Callable[[], Behaviour]:
    return WatchedBehaviour(config).current if config is not None else Behaviour


async def _serve(request: EndpointRequest, current: Callable[[], Behaviour]) -> None:
    behaviour = current()
    seeds = Seeds(secrets.randbits(63) if behaviour.seed is None else behaviour.seed)
    server = EndpointServer(
        Chooser(current, seeds),
        engines=Engines(**behaviour.speech.model_dump()),
        ids=Ids(seeds.stream("endpoint")),
        host=request.host,
        port=request.port,
        api_key=request.api_key,
    )
    asked = _asked_to_stop()
    base_url = await server.start()
    try:
        _say_how_to_use_it(base_url, has_key=bool(request.api_key))
        await asked.wait()
    finally:
        await server.close()


class Chooser:
    """Decides how each session is answered, by the behaviour of the moment.

    Args:
        current: the behaviour.
        seeds: where the sessions' random streams come from.
    """

    def __init__(self, current: Callable[[], Behaviour], seeds: Seeds) -> None:
        self._current = current
        self._seeds = seeds
        self._numbers = itertools.count(1)

    def __call__(self, session: Mapping[str, Any], headers: Mapping[str, str]) -> CallPlan:
        """The plan of one session: of the agent that its header or its model names."""
        names = (headers.get(AGENT_HEADER, ""), str(session.get("model", "")))
        table = self._current().answering(names)
        stream = partial(self._seeds.stream, f"session {next(self._numbers)}")
        return CallPlan(local=table.local, stream=stream, voice=table.voice)


def _asked_to_stop() -> asyncio.Event:
    """An event that Ctrl-C and TERM set, on every system."""
    asked, loop = asyncio.Event(), asyncio.get_running_loop()

    def ask(number: int, frame: FrameType | None) -> None:
        del number, frame
        loop.call_soon_threadsafe(asked.set)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)
    return asked


def _say_how_to_use_it(base_url: str, *, has_key: bool) -> None:
    key = "KEY" if has_key else "any"
    sys.stdout.write(
        "Soundstage's local Realtime endpoint\n"
        f"  base URL   {base_url}\n"
        f"  WebSocket  {base_url.replace('http', 'ws', 1)}/realtime?model=gpt-realtime-2.1\n"
        f"  key        {'the one it was given' if has_key else 'any'}\n"
        f"  use it     export OPENAI_BASE_URL={base_url} OPENAI_API_KEY={key}\n"
        "  stop it    Ctrl-C\n"
    )
    sys.stdout.flush()


def _log_to_stderr(level: int) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name in ("soundstage", "uvicorn"):
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(level)
        logger.propagate = False
