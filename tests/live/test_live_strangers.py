"""Strangers at the doors of the Live API: odd events in an odd order, too late, too many.

Whatever they do, each gets an `error` event or a close, and none is left waiting.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from aiortc import RTCPeerConnection, RTCSessionDescription
from dummy_live_call import checked
from dummy_live_door import Caller, called, on_a_loop
from openai import AsyncOpenAI
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from soundstage import LocalEndpoint
from soundstage.audio import peak
from soundstage.endpoint.http import live_routes
from soundstage.endpoint.transports import live_call
from soundstage.kernel import AsyncClock
from soundstage.units import FRAME_BYTES, samples_of_ms, samples_of_seconds

pytestmark = [pytest.mark.realtime, pytest.mark.timeout(240)]

MODEL = {"model": "gpt-live-1.1"}
TOOL = {"type": "function", "name": "weather"}
BACKEND = {"type": "responses", "responses": {"model": "m", "tools": [TOOL]}}
WITHIN = 60
"""Seconds that anything may take on a slow machine."""

BEHAVIOUR = """
[[defaults.realtime.local.rules]]
heard = "weather"
call = [{ tool = "weather", args = {} }]
"""

Event = dict[str, Any]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[LocalEndpoint]:
    with LocalEndpoint(toml=BEHAVIOUR) as running:
        yield running


def socket_to(endpoint: LocalEndpoint, path: str = "") -> connect:
    url = endpoint.base_url.replace("http", "ws", 1) + "/live/sessions" + path
    return connect(url, additional_headers={"Authorization": "Bearer any"}, max_size=None)


@asynccontextmanager
async def started(endpoint: LocalEndpoint, **session: Any) -> AsyncIterator[ClientConnection]:
    """A session over a WebSocket that has begun."""
    async with asyncio.timeout(WITHIN), socket_to(endpoint) as socket:
        await send(socket, {"type": "session.start", "session": {**MODEL, **session}})
        assert (await told(socket))["type"] == "session.started"
        yield socket


async def send(socket: ClientConnection, event: Event) -> None:
    await socket.send(json.dumps(event))


async def told(socket: ClientConnection) -> Event:
    return checked(await socket.recv())


async def until(socket: ClientConnection, kind: str) -> list[Event]:
    """What is told up to the first event of a kind, that one included."""
    events: list[Event] = []
    while not events or events[-1]["type"] != kind:
        # Of a sideband the SDK has types of its own; what matters here is their order.
        events.append(json.loads(await socket.recv()))
    return events


async def end_of(socket: ClientConnection) -> int | None:
    """The code that the socket is closed with, whatever comes before."""
    with suppress(ConnectionClosed):
        async for _ in socket:
            pass
    return socket.close_code


def appended(kind: str, text: Any, about: Any = None) -> Event:
    return {"type": f"session.{kind}.append", "content": text, "delegation_id": about}


ODD: list[tuple[Event | str | bytes, str]] = [
    ("", "invalid_json"),
    ("no json", "invalid_json"),
    ("[" * 5000, "invalid_json"),
    (b"\xff\xfe\x00", "invalid_json"),
    ("[]", "invalid_event"),
    ("{}", "invalid_event"),
    ({"type": 7}, "invalid_type"),
    ({"type": "session.created"}, "invalid_value"),
    ({"type": "response.cancel"}, "invalid_value"),
    ({"type": "session.start", "session": MODEL}, "invalid_event"),
    ({"type": "session.update"}, "missing_required_parameter"),
    ({"type": "session.update", "session": None}, "invalid_type"),
    ({"type": "session.update", "session": {"model": "m"}}, "immutable_field_update"),
    ({"type": "session.update", "session": {}, "mood": 1}, "unknown_parameter"),
    ({"type": "session.input_audio.append"}, "missing_required_parameter"),
    ({"type": "session.input_audio.append", "audio": "AAA"}, "invalid_value"),
    ({"type": "session.input_audio.append", "audio": "AA=="}, "invalid_audio"),
    (appended("commentary", 5), "invalid_type"),
    (appended("commentary", "x", "item_none"), "invalid_value"),
    ({"type": "session.thinking.append", "content": "x"}, "missing_required_parameter"),
    ({"type": "response.item.create", "item": {}}, "invalid_value"),
    (
        {"type": "response.item.create", "item": {"type": "function_call_output"}},
        "missing_required_parameter",
    ),
    ({"type": "session.output_audio.fixture.play", "audio": ""}, "invalid_value"),
    ({"type": "transport.dtmf.send", "event": "1"}, "invalid_value"),
    ({"type": "decision.create", "event_id": "d"}, "invalid_value"),
    ({"type": "session.update", "session": {}, "event_id": "x" * 600}, "invalid_value"),
]


@on_a_loop
async def test_odd_events_are_refused_one_by_one_and_the_session_lives(
    endpoint: LocalEndpoint,
) -> None:
    async with started(endpoint, delegation=BACKEND) as socket:
        codes: list[str | None] = []
        for event, _ in ODD:
            await socket.send(json.dumps(event) if isinstance(event, dict) else event)
            error = await told(socket)
            codes.append(error.get("error", {}).get("code", error["type"]))
        assert codes == [code for _, code in ODD]
        await send(socket, {"type": "session.update", "session": {}, "event_id": "last"})
        assert (await told(socket))["client_event_id"] == "last"


@on_a_loop
async def test_what_comes_after_the_close_is_not_answered_and_the_socket_closes_as_it_should(
    endpoint: LocalEndpoint,
) -> None:
    async with started(endpoint) as socket:
        await send(socket, {"type": "session.close"})
        for event in ({"type": "session.close"}, {"type": "session.update", "session": {}}):
            await send(socket, event)
        events = await until(socket, "session.closed")
        assert events[-1]["reason"] == "close_requested"
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        assert socket.close_code == 1000


@on_a_loop
async def test_audio_that_comes_much_too_fast_is_refused_and_does_not_hold_up_the_end(
    endpoint: LocalEndpoint,
) -> None:
    ten_seconds = base64.b64encode(bytes(480_000)).decode()
    async with started(endpoint) as socket:
        for _ in range(36):
            await send(socket, {"type": "session.input_audio.append", "audio": ten_seconds})
        await send(socket, {"type": "session.close"})
        events = await until(socket, "session.closed")
        errors = [event["error"]["code"] for event in events if event["type"] == "error"]
        assert set(errors) == {"invalid_audio"}
        # What was heard of six minutes is a moment.
        assert sum(event["type"] == "session.output_audio.delta" for event in events) < 600


@on_a_loop
async def test_a_sideband_has_no_session_of_its_own_and_none_that_is_over(
    endpoint: LocalEndpoint,
) -> None:
    async with called(endpoint, MODEL) as caller:
        await caller.until("session.started")
        async with socket_to(endpoint, f"/{caller.ident}/attach") as sideband:
            await send(sideband, {"type": "session.start", "session": MODEL, "event_id": "mine"})
            events = await until(sideband, "error")
            assert events[-1]["client_event_id"] == "mine"
            await send(sideband, {"type": "session.close"})
            assert (await until(sideband, "session.closed"))[-1]["reason"] == "close_requested"
            assert await end_of(sideband) == 1000
        assert (await caller.until("session.closed"))["reason"] == "close_requested"
        with pytest.raises(InvalidStatus) as refused:
            await connect_to(endpoint, caller)
        assert refused.value.response.status_code == 404


async def connect_to(endpoint: LocalEndpoint, caller: Caller) -> None:
    """Attach to a call that is over, which is known some moments later."""
    while True:
        async with socket_to(endpoint, f"/{caller.ident}/attach") as late:
            # One that comes in these moments is told the end as well, if that was just now.
            with suppress(ConnectionClosed):
                assert (await until(late, "session.closed"))[-1]["reason"] == "close_requested"
        await AsyncClock().sleep(samples_of_ms(50))


@pytest.mark.parametrize("query", ["", "?graceful_close=true"])
@on_a_loop
async def test_a_session_is_closed_while_its_backend_waits_for_a_function(
    endpoint: LocalEndpoint, query: str
) -> None:
    async with called(endpoint, {**MODEL, "delegation": BACKEND}) as caller:
        await caller.until("session.started")
        async with socket_to(endpoint, f"/{caller.ident}/attach{query}") as sideband:
            item = {"type": "message", "role": "user", "content": "How is the weather?"}
            await send(sideband, {"type": "response.item.create", "item": item})
            await send(sideband, {"type": "response.create"})
            while (await until(sideband, "response.event"))[-1]["event"]["type"] != (
                "response.completed"
            ):
                pass
            await send(sideband, {"type": "session.close"})
            await until(sideband, "session.closed")
            assert await end_of(sideband) == 1000
        assert (await caller.until("session.closed"))["reason"] == "close_requested"


@on_a_loop
async def test_a_call_that_pauses_while_its_audio_flows_tells_its_sideband_and_wakes(
    endpoint: LocalEndpoint,
) -> None:
    async with called(endpoint, {**MODEL, "idle_timeout_s": 1}) as caller:
        await caller.until("session.started")
        async with socket_to(endpoint, f"/{caller.ident}/attach") as sideband:
            await until(sideband, "session.paused")
            # The caller is reflected all the time; a timeline that stands still has no sound.
            for _ in range(10):
                events = await until(sideband, "session.input_audio.append")
                assert "session.output_audio.delta" not in {each["type"] for each in events[2:]}
            await send(sideband, appended("commentary", "Are you there?"))
            await until(sideband, "session.resumed")
            (spoken, *_) = (await until(sideband, "session.output_transcript.delta"))[-1:]
            sound = (await until(sideband, "session.output_audio.delta"))[-1]
            assert abs(sound["end_ms"] - spoken["end_ms"]) <= 400
        assert await caller.until("session.resumed")


async def offered() -> tuple[RTCPeerConnection, asyncio.Event, Any]:
    """A peer of plain aiortc, what says that its channel has opened, and its offer."""
    peer, opened = RTCPeerConnection(), asyncio.Event()
    peer.createDataChannel("oai-events").on("open", opened.set)
    peer.addTransceiver("audio")
    await peer.setLocalDescription(await peer.createOffer())
    return peer, opened, {"type": "webrtc", "sdp": peer.localDescription.sdp}


@on_a_loop
async def test_a_sideband_may_come_before_any_media_and_end_the_call(
    endpoint: LocalEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_call, "REPLAYED", samples_of_seconds(WITHIN))
    peer, _, offer = await offered()
    async with (
        asyncio.timeout(WITHIN),
        AsyncOpenAI(base_url=endpoint.base_url, api_key="any", max_retries=0) as sdk,
    ):
        made = await sdk.live.create(session=MODEL, transport=offer)
        async with socket_to(endpoint, f"/{made.session.id}/attach") as sideband:
            await send(sideband, {"type": "session.update", "session": {}})
            events = await until(sideband, "session.updated")
            assert [each["type"] for each in events] == ["session.started", "session.updated"]
            await send(sideband, {"type": "session.close"})
            await until(sideband, "session.closed")
            assert await end_of(sideband) == 1000
    await peer.close()


@on_a_loop
async def test_a_client_that_goes_away_without_a_word_is_told_of_on_the_sideband(
    endpoint: LocalEndpoint,
) -> None:
    peer, opened, offer = await offered()
    async with (
        asyncio.timeout(WITHIN),
        AsyncOpenAI(base_url=endpoint.base_url, api_key="any", max_retries=0) as sdk,
    ):
        made = await sdk.live.create(session=MODEL, transport=offer)
        described = made.transport
        assert described.type == "webrtc"
        await peer.setRemoteDescription(RTCSessionDescription(described.sdp, "answer"))
        await opened.wait()
        async with socket_to(endpoint, f"/{made.session.id}/attach") as sideband:
            await peer.close()
            closed = (await until(sideband, "session.closed"))[-1]
            assert closed["reason"] == "connection_lost"
            assert await end_of(sideband) == 1000


@on_a_loop
async def test_a_sideband_hears_a_caller_who_is_muted(endpoint: LocalEndpoint) -> None:
    tone = b"\x00\x10\x00\xf0" * (FRAME_BYTES // 4)
    async with called(endpoint, MODEL) as caller:
        await caller.until("session.started")
        async with socket_to(endpoint, f"/{caller.ident}/attach") as sideband:
            await send(sideband, {"type": "session.input_audio.mute"})
            await until(sideband, "session.input_audio.muted")
            heard = b""
            async for _ in AsyncClock().ticks():
                caller.call.play(tone)
                heard += base64.b64decode(
                    (await until(sideband, "session.input_audio.append"))[-1]["audio"]
                )
                if peak(heard) > 1000:
                    break
        assert len(heard) % (5 * FRAME_BYTES) == 0


@on_a_loop
async def test_a_client_that_never_starts_its_session_is_told_so_and_closed(
    endpoint: LocalEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_routes, "STARTS_WITHIN", 0.2)
    async with asyncio.timeout(WITHIN), socket_to(endpoint) as socket:
        error = (await told(socket))["error"]
        assert error["code"] == "invalid_event"
        assert "session.start" in error["message"]
        assert await end_of(socket) == 4000
