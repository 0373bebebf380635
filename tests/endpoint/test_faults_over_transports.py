"""Faults on demand as somebody else's client meets them: refused, kept waiting, dropped."""

from __future__ import annotations

import asyncio
from typing import Any

import openai
import pytest
from dummy_engines import DummyEngines
from dummy_service import make_server, plan, play, serving
from dummy_webrtc_client import WebRtcClient
from dummy_websocket_client import talking
from websockets.exceptions import InvalidStatus

from soundstage.kernel import AsyncClock, Stopwatch
from soundstage.units import FRAME_SAMPLES

pytestmark = pytest.mark.realtime


def faulty(*faults: dict[str, Any], **local: Any):
    """A server all of whose sessions are answered by one table."""
    table = plan({"faults": faults, "otherwise": "One two three four.", **local})
    return make_server(choose=lambda names: table, engines=DummyEngines())


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, openai.AuthenticationError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
    ],
)
def test_a_call_is_refused_and_the_next_one_answered(status, error):
    async def scene() -> None:
        async with serving(faulty({"kind": "refuse", "status": status, "session": 1})) as client:
            refused, answered = WebRtcClient(client), WebRtcClient(client)
            with pytest.raises(error):
                await refused.call()
            await answered.call()
            await answered.wait_for("session.created")
            await answered.leave()
            await refused.leave()

    play(scene)


@pytest.mark.parametrize("status", [429, 500])
def test_a_websocket_is_refused(status):
    async def scene() -> None:
        async with serving(faulty({"kind": "refuse", "status": status, "session": 1})) as client:
            with pytest.raises(InvalidStatus, match=str(status)):
                async with talking(client):
                    pass
            async with talking(client) as talk:
                await talk.until("session.created")

    play(scene)


def test_a_websocket_with_a_key_that_is_no_good_is_told_so_and_closed():
    async def scene() -> None:
        async with (
            serving(faulty({"kind": "refuse", "status": 401})) as client,
            talking(client) as talk,
        ):
            closed = await talk.until_closed()
            assert talk.all("error")[0]["error"]["code"] == "invalid_api_key"
            assert closed.rcvd is not None
            assert closed.rcvd.code == 3000

    play(scene)


def test_an_answer_is_late():
    async def scene() -> None:
        async with serving(faulty({"kind": "slow_answer", "delay": "300ms"})) as client:
            watch = Stopwatch()
            async with talking(client) as talk:
                await talk.until("session.created")
            assert watch.seconds >= 0.3

    play(scene)


def test_a_websocket_is_dropped_in_a_response():
    async def scene() -> None:
        async with (
            serving(faulty({"kind": "drop", "nth": 1})) as client,
            talking(client) as talk,
        ):
            await talk.sdk.response.create()
            closed = await talk.until_closed()
            assert closed.rcvd is not None
            assert closed.rcvd.code == 1011
            assert not talk.all("response.done")

    play(scene)


def test_a_websocket_expires():
    async def scene() -> None:
        async with (
            serving(faulty({"kind": "expire", "after": "100ms"})) as client,
            talking(client) as talk,
        ):
            await talk.until_closed()
            assert talk.all("error")[0]["error"]["code"] == "session_expired"

    play(scene)


def test_the_channel_of_a_call_is_dropped_while_its_audio_goes_on():
    async def scene() -> None:
        server = faulty({"kind": "drop", "what": "channel", "after": "200ms"})
        async with serving(server) as client:
            caller = WebRtcClient(client)
            await caller.call()
            await caller.wait_for_channel("closed")
            assert caller._peer.connectionState == "connected"
            await caller.leave()

    play(scene)


def test_a_call_is_dropped_as_a_whole():
    async def scene() -> None:
        async with serving(faulty({"kind": "drop", "after": "200ms"})) as client:
            caller = WebRtcClient(client)
            await caller.call()
            await caller.wait_for("session.created")
            await caller.wait_for_state("closed")
            await caller.leave()

    play(scene)


def test_the_network_path_of_a_call_is_gone():
    async def scene() -> None:
        server = faulty({"kind": "drop", "what": "path", "after": "200ms"})
        async with serving(server) as client:
            caller = WebRtcClient(client)
            await caller.call()
            await caller.wait_for("session.created")
            (call,) = server._registry._calls.values()
            link = call._link
            ice = link._transceiver.receiver.transport.transport
            async with asyncio.timeout(10):
                while ice.state != "closed":
                    await AsyncClock().sleep(FRAME_SAMPLES)
            assert caller._peer.connectionState == "connected"
            assert caller._channel.readyState == "open"
            await caller.leave()

    play(scene)
