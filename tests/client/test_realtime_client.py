"""The client against the local endpoint: real sockets, real WebRTC, engines that are dummies."""

from __future__ import annotations

import asyncio
import gc
import logging
from typing import TYPE_CHECKING, Any

import httpx
import psutil
import pytest
from dummy_engines import LOUD, DummyEngines
from dummy_program import TRANSPORTS, WEATHER, endpoint, get_tide, get_weather, until
from dummy_service import play

from soundstage import RealtimeClient
from soundstage.audio import peak
from soundstage.client import Reconnected, client_events, make_ephemeral_key, realtime_client
from soundstage.client import server_events as server
from soundstage.errors import (
    CallRefused,
    ConnectError,
    ConnectionLost,
    ConnectTimeout,
    EventRefused,
    ProtocolError,
)
from soundstage.kernel import AsyncClock
from soundstage.realtime import Item, Part
from soundstage.units import FRAME_BYTES, FRAMES_PER_SECOND, SILENCE
from soundstage.webrtc import Deadlines, Opus, OpusEncoder

if TYPE_CHECKING:
    from soundstage.endpoint import EndpointServer
    from soundstage.webrtc import TransportKind

pytestmark = pytest.mark.realtime


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_first_words(transport: TransportKind) -> None:
    async def scene() -> None:
        async with (
            endpoint() as made,
            RealtimeClient(base_url=made.base_url, transport=transport) as client,
        ):
            assert client.is_connected
            assert client.call_id.startswith("rtc_") == (transport == "webrtc")
            client.prompt("Say hi.")
            done = await until(client, server.OutputTranscriptDone)
            assert done.transcript == "Hello to you."
            await until(client, server.OutputAudioBufferStopped)
            async for frame in client.sound.heard:
                assert len(frame) == FRAME_BYTES
                if peak(frame) > 1000:
                    break

    play(scene)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_the_session_is_configured_before_anything_is_said(transport: TransportKind) -> None:
    async def scene() -> None:
        session = {
            "max_output_tokens": 700,
            "audio": {"input": {"turn_detection": {"type": "server_vad", "threshold": 0.7}}},
        }
        async with (
            endpoint() as made,
            RealtimeClient(
                session,
                model="gpt-realtime-mini",
                voice="shimmer",
                instructions="Be kind.",
                base_url=made.base_url,
                transport=transport,
            ) as client,
        ):
            created = (await until(client, server.SessionCreated)).session
            assert created["model"] == "gpt-realtime-mini"
            updated = (await until(client, server.SessionUpdated)).session
            assert updated["instructions"] == "Be kind."
            assert updated["max_output_tokens"] == 700
            assert updated["audio"]["output"]["voice"] == "shimmer"
            assert updated["audio"]["input"]["turn_detection"]["threshold"] == 0.7

    play(scene)


def test_every_field_can_be_changed_and_what_is_refused_names_its_event() -> None:
    async def scene() -> None:
        async with endpoint() as made, RealtimeClient(base_url=made.base_url) as client:
            fields = {
                "instructions": "Be brief.",
                "output_modalities": ["text"],
                "max_output_tokens": 300,
                "tool_choice": "none",
                "tools": [{"type": "function", "name": "f", "parameters": {"type": "object"}}],
                "truncation": "disabled",
                "tracing": "auto",
                "audio": {
                    "input": {
                        "noise_reduction": {"type": "far_field"},
                        "transcription": {"model": "whisper-1", "language": "en"},
                        "turn_detection": {"type": "semantic_vad", "eagerness": "low"},
                    },
                    "output": {"voice": "ash", "speed": 1.2},
                },
            }
            session = await client.update(**fields)
            for name in fields.keys() - {"audio", "tools"}:
                assert session[name] == fields[name], name
            assert session["audio"]["output"]["voice"] == "ash"
            assert session["audio"]["output"]["speed"] == 1.2
            assert session["audio"]["input"]["turn_detection"]["eagerness"] == "low"
            with pytest.raises(EventRefused, match="expected a string") as refused:
                await client.update(instructions=3)
            assert refused.value.param == "session.instructions"
            assert refused.value.event_id.startswith("event_")
            session = await client.update(instructions="Still here.")
            assert session["instructions"] == "Still here."

    play(scene)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_functions_are_called_and_their_results_answered_together(transport: TransportKind) -> None:
    async def scene() -> None:
        # Once for the pause in it: Opus lets a constant level fade, so only its edges are loud.
        engines = DummyEngines(*["What is the weather in Dublin?"] * 2)
        async with (
            endpoint(engines=engines) as made,
            RealtimeClient(
                base_url=made.base_url, transport=transport, tools=[get_weather, get_tide]
            ) as client,
        ):
            client.sound.write(LOUD * 30)
            await client.sound.wait_sent()
            said = await until(client, server.OutputTranscriptDone)
            assert said.transcript == "It is dry in Dublin. The tide is high in Dublin."

    play(scene)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_function_of_the_programs_own_is_answered_by_hand(transport: TransportKind) -> None:
    async def scene() -> None:
        async with (
            endpoint() as made,
            RealtimeClient(
                {"tools": [{"type": "function", "name": "get_weather", "parameters": {}}]},
                base_url=made.base_url,
                transport=transport,
            ) as client,
        ):
            client.add_text("What is the weather in Cork?")
            client.respond()
            called = await until(client, server.ArgumentsDone)
            await until(client, server.ResponseDone)
            client.return_tool(called.call_id, '{"sky": "wet"}')
            said = await until(client, server.OutputTranscriptDone)
            assert said.transcript == "It is wet."

    play(scene)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_reply_is_cancelled_and_not_heard_any_more(transport: TransportKind) -> None:
    async def scene() -> None:
        local = {"lines": ["A? " * 40]}
        async with (
            endpoint(local) as made,
            RealtimeClient(base_url=made.base_url, transport=transport) as client,
        ):
            client.respond()
            await until(client, server.OutputAudioBufferStarted)
            client.cancel()
            await until(client, server.OutputAudioBufferCleared)
            await AsyncClock().sleep(4800)
            client.sound.heard.drop_waiting()
            frames = [await anext(client.sound.heard) for _ in range(10)]
            assert frames == [SILENCE] * 10

    play(scene)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_reply_that_speech_interrupts_is_truncated_to_what_was_heard(
    transport: TransportKind,
) -> None:
    async def scene() -> None:
        local = {"lines": ["Word? " * 60]}
        async with (
            endpoint(local, DummyEngines(*["Stop."] * 3)) as made,
            RealtimeClient(base_url=made.base_url, transport=transport) as client,
        ):
            client.respond()
            await until(client, server.OutputAudioBufferStarted)
            client.sound.heard.drop_waiting()
            for _ in range(50):
                await anext(client.sound.heard)
            client.sound.write(LOUD * 30)
            seen: list[Any] = []
            async for event in client:
                seen.append(event)
                if isinstance(event, server.ConversationItemRetrieved):
                    assert 0 < event.item.said.count("Word") < 60
                    break
            assert any(isinstance(each, server.OutputAudioBufferCleared) for each in seen)
            [cut] = [each for each in seen if isinstance(each, server.ConversationItemTruncated)]
            assert cut.audio_end_ms >= 900

    play(scene)


def test_any_event_can_be_sent() -> None:
    async def scene() -> None:
        async with endpoint() as made, RealtimeClient(base_url=made.base_url) as client:
            part = Part(type="input_text", text="Remember this.")
            item = Item(id="mine", type="message", role="user", content=[part])
            client.send(client_events.ConversationItemCreate(item=item))
            client.send(client_events.ConversationItemRetrieve(item_id="mine"))
            found = await until(client, server.ConversationItemRetrieved)
            assert found.item.said == "Remember this."
            client.send(client_events.ConversationItemDelete(item_id="mine"))
            await until(client, server.ConversationItemDeleted)
            event_id = client.send(client_events.ConversationItemDelete(item_id="mine"))
            assert (await until(client, server.Error)).error.event_id == event_id

    play(scene)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_an_ephemeral_key_opens_the_session_that_it_was_made_for(transport: TransportKind) -> None:
    async def scene() -> None:
        async with endpoint() as made:
            key = await make_ephemeral_key(
                {"model": "gpt-realtime-mini", "instructions": "Be kind."},
                seconds=60,
                base_url=made.base_url,
            )
            assert key.expires_at > 0
            assert key.value.reveal() not in repr(key)
            async with RealtimeClient(
                base_url=made.base_url, transport=transport, api_key=key.value.reveal()
            ) as client:
                created = await until(client, server.SessionCreated)
                assert created.session["model"] == "gpt-realtime-mini"
            async with RealtimeClient(
                base_url=made.base_url, transport=transport, auth="ephemeral"
            ) as client:
                assert client.is_connected

    play(scene)


async def hang_up(made: EndpointServer, client: RealtimeClient) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        url = f"{made.base_url}/realtime/calls/{client.call_id}/hangup"
        await http.post(url, headers={"Authorization": "Bearer any"})


def test_a_call_that_drops_raises_to_whoever_waits() -> None:
    async def scene() -> None:
        async with endpoint() as made, RealtimeClient(base_url=made.base_url) as client:
            await hang_up(made, client)
            with pytest.raises(ConnectionLost):
                await until(client, server.OutputTranscriptDone)
            with pytest.raises(ConnectionLost):
                async for _ in client.sound.heard:
                    pass
            assert not client.is_connected

    play(scene)


@pytest.mark.parametrize(
    ("what", "transport"),
    [("channel", "webrtc"), ("connection", "webrtc"), ("connection", "websocket")],
)
def test_a_call_that_is_lost_is_noticed_within_two_seconds_and_takes_nothing_more(
    what: str, transport: TransportKind
) -> None:
    faults = [{"kind": "drop", "what": what, "after": "100ms"}]

    async def scene() -> None:
        async with (
            endpoint({**WEATHER, "faults": faults}) as made,
            RealtimeClient(base_url=made.base_url, transport=transport) as client,
        ):
            async with asyncio.timeout(2.1):
                with pytest.raises(ConnectionLost):
                    await until(client, server.OutputTranscriptDone)
            assert not client.is_connected
            for ask in (
                client.respond,
                lambda: client.prompt("Say hi."),
                lambda: client.add_text("Hello?"),
                lambda: client.return_tool("call_1", "{}"),
                lambda: client.send(client_events.ResponseCreate()),
            ):
                with pytest.raises(ConnectionLost, match="the call is over: the far end closed"):
                    ask()
            with pytest.raises(ConnectionLost, match="the call is over"):
                await client.update(instructions="Be kind.")
            client.cancel()

    play(scene)


def test_a_change_that_is_too_large_to_send_raises_once_and_leaves_nothing() -> None:
    complaints: list[str] = []

    async def scene() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: complaints.append(context["message"]))
        async with endpoint() as made, RealtimeClient(base_url=made.base_url) as client:
            with pytest.raises(ProtocolError, match="send less text"):
                await client.update(instructions="x" * 1_000_000)
        gc.collect()

    play(scene)
    assert complaints == []


def test_a_change_that_is_never_answered_ends_within_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scene() -> None:
        async with endpoint() as made, RealtimeClient(base_url=made.base_url) as client:
            monkeypatch.setattr(realtime_client, "CONFIRMED_WITHIN", FRAMES_PER_SECOND)
            monkeypatch.setattr(client._connection, "flush", lambda: None)
            with pytest.raises(ConnectTimeout, match=r"no session\.updated came"):
                await client.update(instructions="Be kind.")
            monkeypatch.undo()

    play(scene)


def test_a_call_that_drops_is_followed_by_another_that_knows_what_was_said() -> None:
    async def scene() -> None:
        async with (
            endpoint() as made,
            RealtimeClient(
                base_url=made.base_url, instructions="Be kind.", on_drop="reconnect"
            ) as client,
        ):
            client.prompt("Say hi.")
            await until(client, server.OutputAudioBufferStopped)
            first = client.call_id
            await hang_up(made, client)
            again = await until(client, Reconnected)
            assert isinstance(again.error, ConnectionLost)
            assert client.is_connected
            assert client.call_id != first
            assert again.gap > 0
            told = [(await until(client, server.ConversationItemAdded)).item for _ in range(2)]
            assert [(item.role, item.said) for item in told] == [
                ("system", "Say hi."),
                ("assistant", "Hello to you."),
            ]
            session = await client.update(max_output_tokens=100)
            assert session["instructions"] == "Be kind."
            client.prompt("Go on.")
            await until(client, server.OutputTranscriptDone)

    play(scene)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_function_runs_once_and_its_result_goes_to_the_session_after_the_loss(
    transport: TransportKind,
) -> None:
    faults = [{"kind": "drop", "nth": 1, "after": "100ms", "session": 1}]
    calls: list[str] = []

    async def scene() -> None:
        may_answer = asyncio.Event()

        async def get_weather(city: str) -> dict[str, str]:
            """The weather in a city."""
            calls.append(city)
            await may_answer.wait()
            return {"sky": "sunny"}

        async with (
            endpoint({**WEATHER, "faults": faults}) as made,
            RealtimeClient(
                base_url=made.base_url,
                transport=transport,
                tools=[get_weather],
                on_drop="reconnect",
            ) as client,
        ):
            client.add_text("What is the weather in Oslo")
            client.respond()
            again = await until(client, Reconnected)
            assert isinstance(again.error, ConnectionLost)
            may_answer.set()
            done = await until(client, server.OutputTranscriptDone)
            assert done.transcript == "It is sunny."

    play(scene)
    assert calls == ["Oslo"]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_session_that_expires_is_followed_by_others_with_the_settings_of_the_last(
    transport: TransportKind,
) -> None:
    async def scene() -> None:
        async with (
            endpoint({**WEATHER, "expires_after": "2s"}) as made,
            RealtimeClient(
                base_url=made.base_url, transport=transport, on_drop="reconnect"
            ) as client,
        ):
            client.add_text("Remember this.")
            await client.update(instructions="Be kind.")
            for _ in range(2):
                again = await until(client, Reconnected)
                assert "longest duration" in str(again.error)
                told = (await until(client, server.ConversationItemAdded)).item
                assert told.said == "Remember this."
            session = await client.update(max_output_tokens=100)
            assert session["instructions"] == "Be kind."

    play(scene)


def test_who_cannot_be_reached_again_is_given_up() -> None:
    async def scene() -> None:
        async with (
            endpoint() as made,
            RealtimeClient(
                base_url=made.base_url, on_drop="reconnect", reconnect_within=0.1
            ) as client,
        ):
            await made.close()
            with pytest.raises(ConnectError, match=r"cannot be reached|refused the call"):
                await until(client, Reconnected)

    play(scene)


@pytest.mark.parametrize(
    ("session", "code"),
    [({"voice": "ash"}, "unknown_parameter"), ({"instructions": 3}, "invalid_type")],
)
def test_a_session_that_is_refused_is_no_connection(session: dict[str, Any], code: str) -> None:
    async def scene() -> None:
        async with endpoint() as made:
            with pytest.raises(CallRefused) as refused:
                async with RealtimeClient(session, base_url=made.base_url):
                    pass
            assert refused.value.code == code

    play(scene)


class CountingCodec(Opus):
    """Counts what it encodes."""

    def __init__(self) -> None:
        self.encoded = 0

    def encoder(self) -> CountingCodec:
        self._encoder = OpusEncoder()
        return self

    def encode(self, pcm: bytes) -> bytes:
        self.encoded += 1
        return self._encoder.encode(pcm)


def test_its_parts_can_be_ones_own(caplog: pytest.LogCaptureFixture) -> None:
    codec, clock, asked = CountingCodec(), AsyncClock(), []

    async def note(request: httpx.Request) -> None:
        asked.append(request.url.path)

    async def scene() -> None:
        hooks = {"request": [note]}
        async with (
            endpoint() as made,
            httpx.AsyncClient(trust_env=False, event_hooks=hooks) as http,
        ):
            async with RealtimeClient(
                base_url=made.base_url,
                http=http,
                clock=clock,
                codec=codec,
                logger=logging.getLogger("mine"),
                deadlines=Deadlines(),
            ) as client:
                frames = [await anext(client.sound.heard) for _ in range(5)]
                assert len(frames) == 5
            assert not http.is_closed

    with caplog.at_level("INFO", logger="mine"):
        play(scene)
    assert codec.encoded >= 5
    assert asked[0] == "/v1/realtime/calls"
    assert asked[1].endswith("/hangup")
    assert [record.name for record in caplog.records if "connected to" in record.message] == [
        "mine"
    ]


async def open_and_close(made: EndpointServer, times: int) -> None:
    for _ in range(times):
        async with RealtimeClient(base_url=made.base_url) as client:
            assert client.is_connected


def test_twenty_calls_leave_nothing_behind() -> None:
    async def scene() -> None:
        async with endpoint() as made:
            await open_and_close(made, 20)
            await AsyncClock().sleep(FRAMES_PER_SECOND)

    play(scene)


@pytest.mark.prove
@pytest.mark.timeout(1500)
def test_five_hundred_calls_leave_nothing_behind() -> None:
    async def scene() -> None:
        process = psutil.Process()
        async with endpoint() as made:
            await open_and_close(made, 100)
            gc.collect()
            before = (process.num_fds(), process.num_threads(), process.memory_info().rss)
            tasks = len(asyncio.all_tasks())
            for _ in range(10):
                await open_and_close(made, 50)
                gc.collect()  # else the peak of what awaits collection would be measured
            after = (process.num_fds(), process.num_threads(), process.memory_info().rss)
            assert len(asyncio.all_tasks()) == tasks
        grown = (after[2] - before[2]) / 2**20
        print(
            f"500 calls: descriptors {before[0]} → {after[0]}, threads {before[1]} → {after[1]}, "
            f"memory {grown:+.1f} MiB"
        )
        assert after[0] <= before[0]
        assert after[1] <= before[1]
        assert grown < 10

    logging.disable()  # pytest keeps every record, and these are many
    try:
        play(scene)
    finally:
        logging.disable(logging.NOTSET)


def test_a_call_over_a_websocket_that_drops_is_placed_again_and_the_conversation_goes_on() -> None:
    drop = {"kind": "drop", "what": "connection", "after": "500ms", "nth": 1, "session": 1}

    async def scene() -> None:
        async with (
            endpoint({"lines": ["Hello there.", "And now?"], "faults": [drop]}) as made,
            RealtimeClient(
                base_url=made.base_url, transport="websocket", on_drop="reconnect"
            ) as client,
        ):
            client.respond()
            first = await until(client, server.ResponseDone)
            assert first.response.said == "Hello there."
            await until(client, Reconnected)
            client.respond()
            # A line that was said is not said again: the new session knows the conversation.
            assert (await until(client, server.ResponseDone)).response.said == "And now?"
            await until(client, server.OutputAudioBufferStopped)

    play(scene)
