"""Sessions over a WebSocket, with the official SDK as the client."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from typing import Any

import pytest
from dummy_engines import FRAMES_OF_A_SENTENCE, LOUD, SPOKEN, DummyEngines
from dummy_service import make_server, play, serving
from dummy_websocket_client import last_words, talking, url_of
from openai import AsyncOpenAI
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from soundstage.endpoint import JsonLines
from soundstage.kernel import AsyncClock
from soundstage.units import SILENCE, samples_of_ms

pytestmark = pytest.mark.realtime

MANUAL: dict[str, Any] = {"audio": {"input": {"turn_detection": None}}}
TEXT: dict[str, Any] = {"output_modalities": ["text"]}
TOOL = {"type": "function", "name": "get_weather", "parameters": {"type": "object"}}
RULES = {
    "rules": [
        {
            "heard": "weather in {city}",
            "call": [{"tool": "get_weather", "args": {"location": "{city}"}}],
        },
        {"tool": "get_weather", "say": "{sky} in {city}."},
    ]
}
KEY = {"Authorization": "Bearer any"}


def test_a_text_turn_has_the_order_of_the_service() -> None:
    async def scene() -> None:
        async with (
            serving(make_server({"lines": ["Good evening."]})) as client,
            talking(client) as talk,
        ):
            created = await talk.next()
            assert created["type"] == "session.created"
            assert created["session"]["model"] == "gpt-realtime-2.1"
            await talk.update(**TEXT)
            talk.events.clear()
            await talk.say("Hello.")
            await talk.sdk.response.create()
            await talk.until("rate_limits.updated")
            assert talk.order() == [
                "conversation.item.added",
                "conversation.item.done",
                "response.created",
                "response.output_item.added",
                "conversation.item.added",
                "response.content_part.added",
                "response.output_text.delta",
                "response.output_text.delta",
                "response.output_text.done",
                "response.content_part.done",
                "conversation.item.done",
                "response.output_item.done",
                "response.done",
                "rate_limits.updated",
            ]
            assert talk.all("response.output_text.done")[0]["text"] == "Good evening."

    play(scene)


def test_audio_that_is_appended_becomes_a_turn_and_the_answer_comes_as_audio() -> None:
    async def scene() -> None:
        engines = DummyEngines("Is anybody there?")
        server = make_server({"lines": ["I am here."]}, engines=engines)
        async with serving(server) as client, talking(client) as talk:
            input_ = {"transcription": {"model": "gpt-transcribe"}}
            await talk.update(audio={"input": input_})
            talk.events.clear()
            await talk.append(LOUD * 20 + SILENCE * 30)
            await talk.until("rate_limits.updated")
            order = talk.order()
            assert order[:6] == [
                "input_audio_buffer.speech_started",
                "input_audio_buffer.speech_stopped",
                "input_audio_buffer.committed",
                "conversation.item.added",
                "conversation.item.done",
                "response.created",
            ]
            completed = "conversation.item.input_audio_transcription.completed"
            assert talk.all(completed)[0]["transcript"] == "Is anybody there?"
            assert talk.audio() == SPOKEN * FRAMES_OF_A_SENTENCE
            assert not any(kind.startswith("output_audio_buffer") for kind in order)

    play(scene)


def test_a_client_that_detects_turns_itself_commits_and_asks() -> None:
    async def scene() -> None:
        server = make_server({"otherwise": "Yes."}, engines=DummyEngines("Hello?"))
        async with serving(server) as client, talking(client) as talk:
            await talk.update(**MANUAL)
            await talk.sdk.input_audio_buffer.commit()
            assert (await talk.next())["error"]["code"] == "input_audio_buffer_commit_empty"
            talk.events.clear()
            await talk.append(LOUD * 20)
            await talk.sdk.input_audio_buffer.commit()
            await talk.sdk.response.create()
            done = await talk.until("response.done")
            assert talk.order()[:3] == [
                "input_audio_buffer.committed",
                "conversation.item.added",
                "conversation.item.done",
            ]
            [item] = done["response"]["output"]
            assert item["content"][0]["transcript"] == "Yes."

    play(scene)


def test_a_tool_is_called_and_its_result_answered() -> None:
    async def scene() -> None:
        async with serving(make_server(RULES)) as client, talking(client) as talk:
            await talk.update(**TEXT, tools=[TOOL])
            await talk.say("What is the weather in Dublin?")
            await talk.sdk.response.create()
            call = await talk.until("response.function_call_arguments.done")
            assert call["arguments"] == '{"location": "Dublin"}'
            await talk.until("response.done")
            output = {"type": "function_call_output", "call_id": call["call_id"]}
            await talk.sdk.conversation.item.create(
                item={**output, "output": '{"sky": "It rains"}'}  # type: ignore[arg-type]
            )
            await talk.sdk.response.create()
            assert (await talk.until("response.output_text.done"))["text"] == "It rains in Dublin."

    play(scene)


def test_speech_cuts_the_response_that_is_being_made() -> None:
    async def scene() -> None:
        server = make_server({"lines": ["One.", "Two."], "think": "10s"})
        async with serving(server) as client, talking(client) as talk:
            await talk.sdk.response.create()
            await talk.until("response.created")
            await talk.append(LOUD * 20)
            done = await talk.until("response.done")
            assert done["response"]["status"] == "cancelled"
            assert done["response"]["status_details"]["reason"] == "turn_detected"

    play(scene)


def test_what_was_heard_of_an_answer_is_for_the_client_to_say() -> None:
    async def scene() -> None:
        async with (
            serving(make_server({"lines": ["One two three four five."]})) as client,
            talking(client) as talk,
        ):
            await talk.sdk.response.create()
            added = await talk.until("response.output_item.added")
            await talk.until("response.done")
            ident = added["item"]["id"]
            await talk.sdk.conversation.item.truncate(
                item_id=ident, content_index=0, audio_end_ms=80
            )
            assert (await talk.until("conversation.item.truncated"))["audio_end_ms"] == 80
            await talk.sdk.conversation.item.retrieve(item_id=ident)
            item = (await talk.until("conversation.item.retrieved"))["item"]
            assert item["content"][0]["transcript"] == "One two"

    play(scene)


def test_a_browser_shows_its_key_as_a_subprotocol() -> None:
    async def scene() -> None:
        server = make_server(api_key="sk-1")
        async with serving(server):
            shown = ["realtime", "openai-insecure-api-key.sk-1"]
            async with connect(url_of(server.base_url), subprotocols=shown) as socket:
                assert socket.subprotocol == "realtime"
                assert "session.created" in str(await socket.recv())

    play(scene)


@pytest.mark.parametrize(
    ("query", "headers", "code", "reason"),
    [
        ("model=m", {}, 3000, "invalid_api_key"),
        ("model=m", {"Authorization": "Bearer sk-2"}, 3000, "invalid_api_key"),
        ("model=m", {"Authorization": "Bearer ek_2"}, 3000, "invalid_api_key"),
        ("call_id=rtc_1", {"Authorization": "Bearer sk-2"}, 3000, "invalid_api_key"),
        ("", {"Authorization": "Bearer sk-1"}, 4000, "missing_model"),
        (
            "model=m",
            {"Authorization": "Bearer sk-1", "OpenAI-Beta": "realtime=v1"},
            4000,
            "beta_api_shape_disabled",
        ),
    ],
)
def test_a_client_without_access_is_told_why_and_closed(
    query: str,
    headers: dict[str, str],
    code: int,
    reason: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "soundstage.endpoint")

    async def scene() -> None:
        server = make_server(api_key="sk-1")
        async with serving(server):
            url = url_of(server.base_url, query)
            [told], closed, why = await last_words(url, additional_headers=headers)
            assert (told["error"]["code"], closed) == (reason, code)
            assert why == f"invalid_request_error.{reason}"

    play(scene)
    logged = [json.loads(JsonLines().format(record)) for record in caplog.records]
    [refused] = [line for line in logged if line["event"] == "a client was refused"]
    assert refused["code"] == reason
    assert "sk-" not in str(logged)


def test_the_beta_is_refused_as_a_subprotocol_too() -> None:
    async def scene() -> None:
        server = make_server()
        async with serving(server):
            shown = ["realtime", "openai-insecure-api-key.k", "openai-beta.realtime-v1"]
            _, code, _ = await last_words(url_of(server.base_url), subprotocols=shown)
            assert code == 4000

    play(scene)


def test_an_ephemeral_key_opens_the_session_that_it_was_made_for() -> None:
    async def scene() -> None:
        server = make_server(api_key="sk-1")
        async with serving(server):
            async with AsyncOpenAI(base_url=server.base_url, api_key="sk-1") as owner:
                secret = await owner.realtime.client_secrets.create(
                    session={"type": "realtime", "model": "gpt-x", "instructions": "Be brief."}
                )
            async with (
                AsyncOpenAI(base_url=server.base_url, api_key=secret.value) as page,
                talking(page, model="another") as talk,
            ):
                session = (await talk.next())["session"]
                assert (session["model"], session["instructions"]) == ("gpt-x", "Be brief.")

    play(scene)


def test_no_more_sessions_are_begun_than_there_is_room_for() -> None:
    async def scene() -> None:
        server = make_server(most_sessions=1)
        async with serving(server) as client, talking(client) as talk:
            await talk.next()
            with pytest.raises(InvalidStatus) as refused:
                async with connect(url_of(server.base_url), additional_headers=KEY):
                    pass
            assert refused.value.response.status_code == 429
            assert b"rate_limit_exceeded" in bytes(refused.value.response.body or b"")

    play(scene)


def test_a_client_that_is_silent_for_too_long_is_told_that_its_session_has_expired() -> None:
    async def scene() -> None:
        server = make_server(idle=samples_of_ms(300))
        async with serving(server):
            url = url_of(server.base_url)
            told, code, reason = await last_words(url, additional_headers=KEY)
            assert told[-1]["error"]["code"] == "session_expired"
            assert (code, reason) == (1000, "session_expired")

    play(scene)


def test_sessions_are_closed_with_the_endpoint() -> None:
    async def scene() -> None:
        server = make_server()
        await server.start()
        async with (
            AsyncOpenAI(base_url=server.base_url, api_key="any") as client,
            talking(client) as talk,
        ):
            await talk.next()
            await server.close()
            closed = await talk.until_closed()
            assert closed.rcvd is not None
            assert closed.rcvd.code == 1001

    play(scene)


def test_minutes_of_audio_at_once_hold_nobody_up() -> None:
    async def scene() -> None:
        server = make_server({"otherwise": "Well."}, engines=DummyEngines("Er"))
        async with serving(server) as client, talking(client) as long, talking(client) as short:
            await long.next()
            await short.next()
            minute = base64.b64encode(LOUD * 3000 + SILENCE * 50).decode()
            await long.sdk.input_audio_buffer.append(audio=minute)
            await long.until("input_audio_buffer.speech_started")
            await short.update(**TEXT)
            assert "input_audio_buffer.committed" not in long.order()
            await long.until("input_audio_buffer.committed")

    play(scene)


def test_a_session_ends_with_its_clients_goodbye() -> None:
    async def scene() -> None:
        server = make_server()
        async with serving(server) as client:
            async with talking(client) as talk:
                await talk.next()
            registry = server._registry
            assert registry is not None
            async with asyncio.timeout(10):
                while registry.sockets:
                    await AsyncClock().sleep(samples_of_ms(10))

    play(scene)
