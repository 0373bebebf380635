"""Many clients at once, in a process of their own, against a server with its real engines."""

from __future__ import annotations

import asyncio
import base64
import gc
import json
import statistics
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from dummy_service import make_server, play, say, serving
from dummy_websocket_client import talking

from soundstage.kernel import AsyncClock
from soundstage.speech import Engines
from soundstage.units import samples_of_seconds, seconds_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from soundstage.endpoint import EndpointServer

pytestmark = [pytest.mark.prove, pytest.mark.realtime]

CROWD = Path(__file__).with_name("dummy_crowd.py")
LOCAL = {"otherwise": "I am well, thank you, and how are you today?"}
TEXTS, CALLS, SECONDS = 200, 20, 30
TEXT_VISITS, CALL_VISITS = 1_700, 300
SETTLES = samples_of_seconds(6)
"""Longer than the endpoint keeps anything of a connection that has ended."""


async def crowd(base_url: str, what: str, texts: int, calls: int, seconds: int = 0) -> Any:
    """Have the crowd come; what it saw."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(CROWD),
        *(what, base_url, "--texts", str(texts), "--calls", str(calls), "--seconds", str(seconds)),
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0
    found = json.loads(said)
    print(f"{what}: {texts} texts, {calls} calls: {found}")
    return found


def serve(scene: Callable[[EndpointServer], Awaitable[None]]) -> None:
    async def run() -> None:
        server = make_server(LOCAL, engines=Engines())
        await server.start()
        await scene(server)
        await server.close()

    play(run)


@pytest.mark.timeout(180)
def test_two_hundred_text_sessions_are_served_while_twenty_calls_keep_their_pace() -> None:
    async def scene(server: EndpointServer) -> None:
        found = await crowd(server.base_url, "talk", TEXTS, CALLS, SECONDS)
        assert found["turns"] == TEXTS * SECONDS // 2
        assert found["trip_p99"] <= 250
        assert not found["lost"]
        assert found["spoken"] >= CALLS
        assert found["packets_share"] >= 0.99
        assert found["gap_p99"] <= 60

    serve(scene)


@pytest.mark.timeout(600)
def test_two_thousand_visits_leave_nothing_behind() -> None:
    async def scene(server: EndpointServer) -> None:
        await crowd(server.base_url, "visit", TEXT_VISITS // 5, CALL_VISITS // 5)
        before = await what_is_held()
        await crowd(server.base_url, "visit", TEXT_VISITS, CALL_VISITS)
        after = await what_is_held()
        print(f"held before {before}, after {after}")
        assert after["tasks"] == before["tasks"]
        assert after["threads"] == before["threads"]
        assert after["descriptors"] <= before["descriptors"]
        assert after["mebibytes"] - before["mebibytes"] <= 16

    serve(scene)


@pytest.mark.timeout(120)
def test_over_a_websocket_the_first_audio_follows_the_commit_within_150_ms() -> None:
    turns, words, clock = 20, say("What do you say to that?"), AsyncClock()

    async def scene() -> None:
        server = make_server({"otherwise": "That is a very good question."}, engines=Engines())
        waits: list[float] = []
        async with serving(server) as client, talking(client) as talk:
            await talk.update(audio={"input": {"turn_detection": None}})
            encoded = base64.b64encode(words).decode()
            for _ in range(turns):
                await talk.sdk.input_audio_buffer.append(audio=encoded)
                sent = clock.now()
                await talk.sdk.input_audio_buffer.commit()
                await talk.sdk.response.create()
                await talk.until("response.output_audio.delta")
                waits.append(1000 * seconds_of(clock.now() - sent))
                await talk.until("response.done")
        print(f"commit to first audio: median {statistics.median(waits):.0f} ms, {turns} turns")
        assert statistics.median(waits) <= 150

    play(scene)


async def what_is_held() -> dict[str, int]:
    await AsyncClock().sleep(SETTLES)
    gc.collect()
    process = psutil.Process()
    return {
        "tasks": len(asyncio.all_tasks()),
        "threads": threading.active_count(),
        "descriptors": process.num_fds(),
        "mebibytes": process.memory_info().rss // 2**20,
    }
