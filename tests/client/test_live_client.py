"""The Live client against the local endpoint: real sockets, real WebRTC, dummies of engines."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from dummy_engines import LOUD, DummyEngines
from dummy_program import TRANSPORTS, WEATHER, endpoint, get_tide, get_weather, until
from dummy_service import play

from soundstage import LiveClient
from soundstage.audio import peak
from soundstage.client import live_client, live_connection
from soundstage.client import live_client_events as client_events
from soundstage.client import live_server_events as server
from soundstage.errors import (
    CallRefused,
    ConnectionLost,
    ConnectTimeout,
    EventRefused,
    ProtocolError,
    UsageError,
)
from soundstage.kernel import AsyncClock
from soundstage.units import FRAME_BYTES, FRAMES_PER_SECOND
from soundstage.webrtc import Deadlines

if TYPE_CHECKING:
    from soundstage.webrtc import TransportKind

pytestmark = pytest.mark.realtime

HANDED = {"delegation": {"type": "client"}}


async def said(client: LiveClient, ending: str, *, times: int = 1) -> str:
    text = ""
    async for event in client:
        if isinstance(event, server.OutputTranscriptDelta):
            text += event.delta
            if text.count(ending) == times:
                return text
    raise AssertionError(f"the stream ended after {text!r}")


async def hear_speech(client: LiveClient) -> None:
    async for frame in client.sound.heard:
        assert len(frame) == FRAME_BYTES
        if peak(frame) > 1000:
            return


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_first_words_and_a_close_that_tells_what_the_session_has_cost(
    transport: TransportKind,
) -> None:
    async def scene() -> None:
        async with endpoint() as made:
            client = LiveClient(base_url=made.base_url, transport=transport, voice="marin")
            # What is asked for before the session has started waits for that.
            asked = client.instruct("Say hi.")
            async with client:
                assert client.is_connected
                assert client.session_id.startswith("live_")
                started = await until(client, server.SessionStarted)
                assert started.session["audio"]["output"]["voice"] == "marin"
                assert started.session["id"] == client.session_id
                assert (await until(client, server.InstructionsAppended)).client_event_id == asked
                assert await said(client, "you.") == "Hello to you."
                await hear_speech(client)
            assert not client.is_connected
            closed = await until(client, server.SessionClosed)
            assert closed.reason == "close_requested"
            assert closed.usage.seconds > 0
            assert [event async for event in client] == []

    play(scene)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_functions_are_called_and_their_results_spoken(transport: TransportKind) -> None:
    async def scene() -> None:
        engines = DummyEngines(*["What is the weather in Dublin?"] * 4)
        async with (
            endpoint(engines=engines) as made,
            LiveClient(
                base_url=made.base_url, transport=transport, tools=[get_weather, get_tide]
            ) as client,
        ):
            client.sound.write(LOUD * 60)
            await client.sound.wait_sent()
            await until(client, server.InputTranscriptDelta)
            delegation = (await until(client, server.DelegationCreated)).delegation
            assert delegation.target == "responses"
            # In the order in which the functions have answered.
            spoken = await said(client, "in Dublin.", times=2)
            assert "It is dry in Dublin." in spoken
            assert "The tide is high in Dublin." in spoken

    play(scene)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_work_that_is_handed_to_the_program_is_answered_by_a_comment(
    transport: TransportKind,
) -> None:
    async def scene() -> None:
        engines = DummyEngines(*["What is the weather in Dublin?"] * 4)
        async with (
            endpoint(engines=engines) as made,
            LiveClient(HANDED, base_url=made.base_url, transport=transport) as client,
        ):
            client.sound.write(LOUD * 60)
            work = (await until(client, server.DelegationCreated)).delegation
            client.inform("The user is in a hurry.", delegation=work.id)
            client.comment("It is dry.", delegation=work.id)
            assert (await said(client, "dry.")).endswith("It is dry.")

    play(scene)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_typed_text_and_a_function_of_the_programs_own_are_answered_by_hand(
    transport: TransportKind,
) -> None:
    backend = {
        "model": "gpt-5.6",
        "tools": [{"type": "function", "name": "get_weather", "parameters": {}, "strict": False}],
    }

    async def scene() -> None:
        async with (
            endpoint() as made,
            LiveClient(
                {"delegation": {"type": "responses", "responses": backend}},
                base_url=made.base_url,
                transport=transport,
            ) as client,
        ):
            asked = client.write("What is the weather in Cork?")
            created = await until(client, server.DelegationCreated)
            assert created.client_event_id == asked
            async for event in client:
                if isinstance(event, server.ResponseEvent):
                    item = event.event.get("item", {})
                    if event.event["type"] == "response.output_item.done":
                        client.return_tool(item["call_id"], '{"sky": "wet"}')
                        break
            assert await said(client, "wet.") == "It is wet."

    play(scene)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_line_that_is_spoken_over_falls_silent(transport: TransportKind) -> None:
    async def scene() -> None:
        local = {"lines": ["Word? " * 60], "duplex": {"backchannel": "never"}}
        async with (
            endpoint(local, DummyEngines(*["Stop."] * 6)) as made,
            LiveClient(base_url=made.base_url, transport=transport) as client,
        ):
            client.instruct("Begin.")
            await hear_speech(client)
            client.sound.write(LOUD * 120)
            quiet = 0
            async for frame in client.sound.heard:
                quiet = 0 if peak(frame) > 300 else quiet + 1
                if quiet > 15:
                    break
            words = ""
            while client._events._waiting:
                event = await anext(client._events)
                words += event.delta if isinstance(event, server.OutputTranscriptDelta) else ""
            assert 0 < words.count("Word") < 60

    play(scene)


def test_the_backend_can_be_changed_and_what_is_refused_names_its_event() -> None:
    async def scene() -> None:
        backend = {"type": "responses", "responses": {"model": "gpt-5.6"}}
        async with (
            endpoint() as made,
            LiveClient({"delegation": backend}, base_url=made.base_url) as client,
        ):
            change = {"type": "responses", "responses": {"instructions": "Be brief."}}
            session = await client.update(delegation=change)
            assert session["delegation"]["responses"]["instructions"] == "Be brief."
            with pytest.raises(EventRefused) as refused:
                await client.update(instructions="Be kind.")
            assert refused.value.code == "immutable_field_update"
            assert refused.value.event_id.startswith("event_")
            client.mute()
            await until(client, server.InputAudioMuted)
            client.mute(on=False)
            await until(client, server.InputAudioUnmuted)
            sent = client.send(client_events.DecisionItemDelete(item_id="none"))
            error = await until(client, server.Error)
            assert sent in {error.client_event_id, error.error.client_event_id}

    play(scene)


@pytest.mark.parametrize(
    "audio_format",
    [pytest.param(("audio/pcm", 16000), marks=pytest.mark.prove), ("audio/pcmu", 8000)],
)
def test_any_format_can_be_spoken_over_a_websocket(audio_format: tuple[str, int]) -> None:
    kind, rate = audio_format

    async def scene() -> None:
        engines = DummyEngines(*["Who is there?"] * 4)
        async with (
            endpoint(engines=engines) as made,
            LiveClient(
                {"audio": {"format": {"type": kind, "rate": rate}}},
                base_url=made.base_url,
                transport="websocket",
            ) as client,
        ):
            # A level that does not change: a telephone's filter lets it pass.
            client.sound.write(LOUD * 60)
            assert (await until(client, server.InputTranscriptDelta)).delta == "Who"
            assert await said(client, "you.") == "Hello to you."
            await hear_speech(client)

    play(scene)


@pytest.mark.parametrize(
    ("what", "transport"),
    [("channel", "webrtc"), ("connection", "webrtc"), ("connection", "websocket")],
)
def test_a_call_that_is_lost_raises_and_takes_nothing_more(
    what: str, transport: TransportKind
) -> None:
    faults = [{"kind": "drop", "what": what, "after": "100ms"}]

    async def scene() -> None:
        async with (
            endpoint({**WEATHER, "faults": faults}) as made,
            LiveClient(base_url=made.base_url, transport=transport) as client,
        ):
            with pytest.raises(ConnectionLost):
                await until(client, server.OutputTranscriptDelta)
            assert not client.is_connected
            for ask in (
                client.mute,
                lambda: client.instruct("Say hi."),
                lambda: client.inform("Hello?"),
                lambda: client.comment("Hello?"),
                lambda: client.write("Hello?"),
                lambda: client.return_tool("call_1", "{}"),
                lambda: client.send(client_events.ResponseCreate()),
            ):
                with pytest.raises(ConnectionLost, match="the call is over"):
                    ask()
            with pytest.raises(ConnectionLost, match="the call is over"):
                await client.update(delegation={})
            with pytest.raises(ConnectionLost):
                async for _ in client.sound.heard:
                    pass

    play(scene)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_session_that_expires_raises_its_reason(transport: TransportKind) -> None:
    async def scene() -> None:
        async with (
            endpoint({**WEATHER, "expires_after": "1s"}) as made,
            LiveClient(base_url=made.base_url, transport=transport) as client,
        ):
            assert (await until(client, server.SessionClosed)).reason == "expired"
            with pytest.raises(ConnectionLost, match="expired"):
                await until(client, server.SessionClosed)

    play(scene)


def test_a_session_that_is_hung_up_elsewhere_ends_the_iteration() -> None:
    async def scene() -> None:
        async with endpoint() as made, LiveClient(base_url=made.base_url) as client:
            async with httpx.AsyncClient(trust_env=False) as http:
                url = f"{made.base_url}/live/sessions/{client.session_id}/hangup"
                await http.post(url, headers={"Authorization": "Bearer any"})
            seen = [event async for event in client]
            assert isinstance(seen[-1], server.SessionClosed)
            with pytest.raises(ConnectionLost, match="the session was closed"):
                client.mute()

    play(scene)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(
    ("session", "code"),
    [({"mood": 1}, "unknown_parameter"), ({"instructions": 3}, "invalid_type")],
)
def test_a_session_that_is_refused_is_no_connection(
    session: dict[str, Any], code: str, transport: TransportKind
) -> None:
    async def scene() -> None:
        async with endpoint() as made:
            with pytest.raises(CallRefused) as refused:
                async with LiveClient(session, base_url=made.base_url, transport=transport):
                    pass
            assert refused.value.code == code

    play(scene)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_key_that_is_refused_is_in_no_error_and_no_log(
    transport: TransportKind, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        async with endpoint(api_key="right") as made:
            with pytest.raises(CallRefused) as refused:
                async with LiveClient(
                    base_url=made.base_url, transport=transport, api_key="sk-planted"
                ):
                    pass
            assert "sk-planted" not in str(refused.value)
            async with LiveClient(base_url=made.base_url, transport=transport, api_key="right"):
                pass

    with caplog.at_level("DEBUG"):
        play(scene)
    assert "sk-planted" not in caplog.text


def test_functions_without_a_backend_are_refused() -> None:
    def get_weather() -> str:
        """What the weather is."""
        return "dry"

    with pytest.raises(UsageError, match="its backend does"):
        LiveClient(HANDED, tools=[get_weather], base_url="http://127.0.0.1:9/v1")


def test_a_session_that_never_starts_ends_within_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        monkeypatch.setattr(live_connection, "STARTED_WITHIN", 24)
        async with endpoint() as made:
            with pytest.raises(ConnectTimeout, match=r"no session\.started came"):
                async with LiveClient(base_url=made.base_url, transport="websocket"):
                    pass

    monkeypatch.setattr(live_connection.ClientSession, "take", lambda *_: [])
    play(scene)


def test_a_change_that_is_never_answered_ends_within_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scene() -> None:
        async with endpoint() as made, LiveClient(base_url=made.base_url) as client:
            monkeypatch.setattr(live_client, "UPDATED_WITHIN", FRAMES_PER_SECOND)
            monkeypatch.setattr(client._connection, "flush", lambda: None)
            with pytest.raises(ConnectTimeout, match=r"no session\.updated came"):
                await client.update(delegation={"type": "client"})
            monkeypatch.undo()

    play(scene)


def test_an_end_that_is_never_confirmed_holds_up_no_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scene() -> None:
        async with endpoint() as made, LiveClient(base_url=made.base_url) as client:
            monkeypatch.setattr(live_connection, "CLOSED_WITHIN", FRAMES_PER_SECOND)
            monkeypatch.setattr(client._connection, "flush", lambda: None)

    play(scene)


def test_an_event_that_is_too_large_is_refused() -> None:
    async def scene() -> None:
        async with endpoint() as made, LiveClient(base_url=made.base_url) as client:
            with pytest.raises(ProtocolError, match="send less text"):
                client.write("x" * 1_000_000)
            with pytest.raises(ProtocolError, match="send less text"):
                await client.update(delegation={"x": "x" * 1_000_000})

    play(scene)


def test_its_parts_can_be_ones_own(caplog: pytest.LogCaptureFixture) -> None:
    asked: list[tuple[str, str | None]] = []

    async def note(request: httpx.Request) -> None:
        asked.append((request.url.path, request.headers.get("X-Desk")))

    async def scene() -> None:
        hooks = {"request": [note]}
        async with (
            endpoint() as made,
            httpx.AsyncClient(trust_env=False, event_hooks=hooks) as http,
        ):
            async with LiveClient(
                base_url=made.base_url,
                headers={"X-Desk": "2"},
                http=http,
                clock=AsyncClock(),
                logger=logging.getLogger("mine"),
                deadlines=Deadlines(),
            ) as client:
                assert len([await anext(client.sound.heard) for _ in range(5)]) == 5
            assert not http.is_closed

    with caplog.at_level("INFO", logger="mine"):
        play(scene)
    assert asked[0] == ("/v1/live/sessions", "2")
    assert ["connected to" in each.message for each in caplog.records if each.name == "mine"] == [
        True
    ]
