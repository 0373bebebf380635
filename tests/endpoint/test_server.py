"""The server and its calls: real sockets, real WebRTC, and clients that know nothing of us."""

from __future__ import annotations

import asyncio
import socket
import statistics
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import uvloop
from dummy_service import make_server, plan, play, say, serving
from dummy_webrtc_client import SESSION, WebRtcClient
from openai import APIStatusError, AsyncOpenAI

from soundstage.config.values import word_error_rate
from soundstage.errors import EngineMissing, PortTaken
from soundstage.kernel import AsyncClock
from soundstage.speech import Engines
from soundstage.units import samples_of_ms, samples_of_seconds, seconds_of

if TYPE_CHECKING:
    from soundstage.endpoint import CallPlan

pytestmark = pytest.mark.realtime

WEATHER = {
    "rules": [
        {
            "heard": "weather in {city}",
            "call": [{"tool": "get_weather", "args": {"location": "{city}"}}],
        },
        {"tool": "get_weather", "say": "{sky} in {city}, {temperature} degrees."},
    ],
    "lines": ["Good morning, this is the weather desk."],
    "otherwise": "Which city do you mean?",
}
TOOL = {"type": "function", "name": "get_weather", "parameters": {"type": "object"}}


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_the_official_sdk_has_a_spoken_turn_with_a_tool(loop: Any) -> None:
    async def scene() -> None:
        async with serving(make_server(WEATHER, engines=Engines())) as client:
            caller = WebRtcClient(client)
            await caller.call({**SESSION, "tools": [TOOL]})
            created = await caller.wait_for("session.created")
            assert created["session"]["audio"]["output"]["voice"] == "shimmer"
            assert created["session"]["tools"][0]["name"] == "get_weather"

            caller.track.say(say("What is the weather in Dublin?"))
            called = await caller.wait_for("response.function_call_arguments.done")
            assert called["arguments"] == '{"location": "Dublin"}'
            item = {
                "type": "function_call_output",
                "call_id": called["call_id"],
                "output": '{"sky": "It is raining", "temperature": 11}',
            }
            await caller.wait_for("response.done")
            caller.hear()
            caller.send("conversation.item.create", item=item)
            caller.send("response.create")

            await caller.wait_for("output_audio_buffer.stopped")
            await AsyncClock().sleep(samples_of_ms(300))
            heard = Engines().recognizer.recognize(caller.hear()).text
            said = "It is raining in Dublin, 11 degrees."
            assert word_error_rate(said, heard) <= 0.15
            completed = "conversation.item.input_audio_transcription.completed"
            [transcribed] = caller.all(completed)
            asked = "What is the weather in Dublin?"
            assert word_error_rate(asked, transcribed["transcript"]) == 0

            await client.realtime.calls.hangup(caller.call_id)
            with pytest.raises(APIStatusError) as caught:
                await client.realtime.calls.hangup(caller.call_id)
            assert caught.value.code == "call_id_not_found"
            await caller.wait_for_state("closed")
            await caller.leave()

    play(scene, loop=loop)


def test_a_caller_that_speaks_over_it_cuts_it_short() -> None:
    long = "This is a very long story, and it has only begun, and it goes on and on and on."
    local = {"lines": [long, "Very well."]}

    async def scene() -> None:
        async with serving(make_server(local, engines=Engines())) as client:
            caller = WebRtcClient(client)
            await caller.call()
            await caller.wait_for("session.created")
            caller.send("response.create")
            await caller.wait_for("output_audio_buffer.started")
            await AsyncClock().sleep(samples_of_ms(1000))
            caller.track.say(say("Stop it, please."))
            await caller.wait_for("output_audio_buffer.cleared")
            cut = await caller.wait_for("conversation.item.truncated")
            assert 500 <= cut["audio_end_ms"] <= 3000
            await caller.wait_for("output_audio_buffer.started", 2)
            await caller.wait_for("response.done", 2)
            last = caller.all("response.done")[-1]["response"]
            assert last["output"][0]["content"][0]["transcript"] == "Very well."
            await caller.leave()

    play(scene)


def test_a_caller_without_a_data_channel_is_answered_too() -> None:
    async def scene() -> None:
        local = {"lines": ["Good evening to you."]}
        async with serving(make_server(local, engines=Engines())) as client:
            caller = WebRtcClient(client, channel=False)
            await caller.call()
            await caller.wait_for_state("connected")
            caller.track.say(say("Good evening, is anybody there?"))
            await AsyncClock().sleep(samples_of_seconds(5))
            heard = Engines().recognizer.recognize(caller.hear()).text
            assert word_error_rate("Good evening to you.", heard) <= 0.25
            await caller.leave()

    play(scene)


def test_a_raw_offer_with_an_ephemeral_key_gets_the_session_of_that_key() -> None:
    async def scene() -> None:
        server = make_server()
        async with serving(server) as client:
            session = {**SESSION, "instructions": "Be brief."}
            secret = await client.realtime.client_secrets.create(session=session)
            assert secret.value.startswith("ek_")
            caller = WebRtcClient(client)
            async with httpx.AsyncClient() as browser:
                answer = await browser.post(
                    f"{server.base_url}/realtime/calls",
                    content=await caller.offer(),
                    headers={
                        "Authorization": f"Bearer {secret.value}",
                        "Content-Type": "application/sdp",
                    },
                )
            assert answer.status_code == 201
            assert answer.content.endswith(b"\r\n")
            await caller.accept(answer.text)
            created = await caller.wait_for("session.created")
            assert created["session"]["instructions"] == "Be brief."
            await caller.leave()

    play(scene)


def test_the_owner_chooses_how_a_call_is_answered_by_header_and_model() -> None:
    asked: list[tuple[str, ...]] = []

    def choose(names: tuple[str, ...]) -> CallPlan:
        asked.append(names)
        return plan()

    async def scene() -> None:
        async with serving(make_server(choose=choose)) as client:
            named = client.with_options(default_headers={"X-Soundstage-Agent": "bob"})
            for each in (client, named):
                caller = WebRtcClient(each)
                await caller.call()
                await caller.wait_for("session.created")
                await caller.leave()

    play(scene)
    assert asked == [("", "", "gpt-realtime-2.1"), ("bob", "", "gpt-realtime-2.1")]


def test_a_call_that_its_client_leaves_is_over_here_too() -> None:
    async def scene() -> None:
        server = make_server()
        async with serving(server) as client, httpx.AsyncClient() as http:
            health = server.base_url.removesuffix("/v1") + "/health"
            caller = WebRtcClient(client)
            await caller.call()
            await caller.wait_for("session.created")
            assert (await http.get(health)).json() == {"status": "ok", "calls": 1, "sockets": 0}
            await caller.leave()
            async with asyncio.timeout(10):
                while (await http.get(health)).json()["calls"]:
                    await AsyncClock().sleep(samples_of_ms(50))

    play(scene)


def test_no_more_calls_are_taken_than_there_is_room_for() -> None:
    async def scene() -> None:
        server = make_server(most_sessions=1)
        async with serving(server) as client:
            first, second = WebRtcClient(client), WebRtcClient(client)
            await first.call()
            await first.wait_for("session.created")
            async with httpx.AsyncClient() as http:
                refused = await http.post(
                    f"{server.base_url}/realtime/calls",
                    content=await second.offer(),
                    headers={"Authorization": "Bearer any"},
                )
            assert refused.status_code == 429
            assert refused.json()["error"]["code"] == "rate_limit_exceeded"
            await client.realtime.calls.hangup(first.call_id)
            await second.call()
            await second.wait_for("session.created")
            await first.leave()
            await second.leave()

    play(scene)


def test_a_thousand_tools_in_an_event_too_large_for_the_channel_are_an_error_event() -> None:
    tools = [{**TOOL, "name": f"tool_{n}", "description": "x" * 300} for n in range(1000)]

    async def scene() -> None:
        async with serving(make_server()) as client:
            caller = WebRtcClient(client)
            await caller.call({**SESSION, "tools": tools})
            error = await caller.wait_for("error")
            assert "bytes" in error["error"]["message"]
            await caller.leave()

    play(scene)


def test_an_offer_that_cannot_be_answered_leaves_no_call_behind() -> None:
    async def scene() -> None:
        server = make_server()
        async with serving(server), httpx.AsyncClient() as http:
            refused = await http.post(
                f"{server.base_url}/realtime/calls",
                content="v=0\r\nm=audio 9 nonsense\r\n",
                headers={"Authorization": "Bearer any"},
            )
            assert refused.json()["error"]["code"] == "invalid_offer"
            health = await http.get(server.base_url.removesuffix("/v1") + "/health")
            assert health.json()["calls"] == 0

    play(scene)


def test_close_hangs_up_within_its_deadline() -> None:
    async def scene() -> None:
        server = make_server()
        await server.start()
        async with AsyncOpenAI(base_url=server.base_url, api_key="any") as client:
            strangers = [WebRtcClient(client) for _ in range(3)]
            for caller in strangers:
                await caller.call()
                await caller.wait_for("session.created")
            clock = AsyncClock()
            await server.close(samples_of_seconds(1.5))
            # Twice the deadline: others may have the processor too.
            assert seconds_of(clock.now()) < 3
            for caller in strangers:
                await caller.wait_for_state("closed")
                await caller.leave()

    play(scene)


def test_close_without_start_and_close_twice_are_harmless() -> None:
    async def scene() -> None:
        server = make_server()
        await server.close()
        await server.start()
        await server.close()
        await server.close()

    play(scene)


def test_a_port_that_is_taken_is_named_with_what_to_do() -> None:
    async def scene() -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            server = make_server(port=port)
            with pytest.raises(PortTaken, match=rf"127\.0\.0\.1:{port} .* choose another port"):
                await server.start()

    play(scene)


def test_a_given_port_can_be_used_again_at_once() -> None:
    async def scene() -> None:
        server = make_server()
        async with serving(server) as client:
            await WebRtcClient(client).leave()
        port = int(server.base_url.rpartition(":")[2].partition("/")[0])
        again = make_server(port=port)
        async with serving(again):
            assert again.base_url == server.base_url

    play(scene)


def test_an_engine_that_cannot_be_loaded_is_told_at_the_start() -> None:
    # Loaded before: a slow machine would still be loading it when the server has closed.
    Engines().synthesizer  # noqa: B018 - reading it loads it

    async def scene() -> None:
        with pytest.raises(EngineMissing):
            await make_server(engines=Engines(recognizer="nobody")).start()

    play(scene)


@pytest.mark.prove
@pytest.mark.timeout(120)
def test_the_first_audio_follows_the_commit_within_150_ms() -> None:
    turns = 10
    words = say("What do you say to that?")

    async def scene() -> None:
        lines = [
            f"Number {number}: I think that is a very good question." for number in range(turns)
        ]
        async with serving(make_server({"lines": lines}, engines=Engines())) as client:
            caller = WebRtcClient(client)
            await caller.call()
            await caller.wait_for("session.created")
            for number in range(1, turns + 1):
                caller.track.say(words)
                await caller.wait_for("output_audio_buffer.stopped", number)
            committed = caller.all("input_audio_buffer.committed")
            started = caller.all("output_audio_buffer.started")
            waits = [
                seconds_of(after["at"] - before["at"]) * 1000
                for before, after in zip(committed, started, strict=True)
            ]
            print(
                f"commit to first audio: median {statistics.median(waits):.0f} ms, "
                f"longest {max(waits):.0f} ms, {turns} turns"
            )
            assert statistics.median(waits) <= 150
            await caller.leave()

    play(scene)
