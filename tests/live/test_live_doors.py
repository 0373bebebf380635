"""The official SDK, unmodified, at the doors of the Live API: WebSocket, WebRTC, sideband."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import httpx
import pytest
from dummy_live_call import checked
from dummy_live_door import WITHIN, called, on_a_loop
from openai import APIStatusError, AsyncOpenAI
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from soundstage import LocalEndpoint

pytestmark = [pytest.mark.realtime, pytest.mark.timeout(240)]

MODEL = {"model": "gpt-live-1.1"}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[LocalEndpoint]:
    with LocalEndpoint() as running:
        yield running


def client(endpoint: LocalEndpoint) -> AsyncOpenAI:
    return AsyncOpenAI(base_url=endpoint.base_url, api_key="any", max_retries=0)


@on_a_loop
async def test_what_comes_before_the_start_is_refused_and_a_wrong_start_ends_it(
    endpoint: LocalEndpoint,
) -> None:
    url = endpoint.base_url.replace("http", "ws", 1) + "/live/sessions"
    headers = {"Authorization": "Bearer any"}
    async with asyncio.timeout(WITHIN), connect(url, additional_headers=headers) as socket:
        await socket.send('{"type": "session.close"}')
        await socket.send("no json")
        await socket.send(json.dumps({"type": "session.start", "session": {"mood": 1, **MODEL}}))
        told = [checked(await socket.recv()) for _ in range(3)]
        assert [(each["error"]["code"], each["error"]["param"]) for each in told] == [
            ("invalid_event", "type"),
            ("invalid_json", None),
            ("unknown_parameter", "session.mood"),
        ]
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        assert socket.close_code == 4000


@on_a_loop
async def test_keys_and_rooms_are_judged_before_the_upgrade(endpoint: LocalEndpoint) -> None:
    url = endpoint.base_url.replace("http", "ws", 1) + "/live/sessions"
    async with asyncio.timeout(WITHIN):
        for path, status in (("", 401), ("/live_none/attach", 401)):
            with pytest.raises(InvalidStatus) as refused:
                await connect(url + path)
            assert refused.value.response.status_code == status
        headers = {"Authorization": "Bearer any"}
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"{url}/live_none/attach", additional_headers=headers)
        assert refused.value.response.status_code == 404
        assert json.loads(refused.value.response.body)["error"]["code"] == "session_id_not_found"


@on_a_loop
async def test_a_call_and_its_sideband_share_one_session(endpoint: LocalEndpoint) -> None:
    async with called(endpoint, MODEL) as caller, client(endpoint) as sdk:
        await caller.until("session.started")
        sideband = sdk.live.sideband.connect(session_id=caller.ident)
        kinds: list[str] = []
        async with sideband as attached:
            await attached.send({"type": "session.input_audio.append", "audio": ""})
            await attached.send(
                {"type": "session.commentary.append", "content": "Hello.", "delegation_id": None}
            )
            async for event in attached:
                kinds.append(event.type)
                if event.type == "session.output_audio.delta":
                    assert event.end_ms - event.start_ms == 100
                if event.type == "session.output_transcript.delta":
                    break
        assert {"session.input_audio.append", "error"} <= set(kinds)
        assert kinds.count("session.commentary.appended") == 1
        await caller.until("session.output_transcript.delta")
        # Its audio is a track: the channel carries none.
        assert not any("audio.delta" in event["type"] for event in caller.events)


@on_a_loop
async def test_a_channel_carries_what_the_session_allows(endpoint: LocalEndpoint) -> None:
    allowed = {
        "allowed_client_events": ["session.update"],
        "allowed_server_events": [{"type": "session.updated"}],
    }
    async with called(endpoint, {**MODEL, "client": {"data_channel": allowed}}) as caller:
        assert (await caller.until("info"))["code"] == "data_channel_permissions"
        caller.call.send(b'{"type": "session.input_audio.mute", "event_id": "a"}')
        caller.call.send(b'{"type": "session.update", "session": {}}')
        await caller.until("session.updated")
        kinds = [event["type"] for event in caller.events]
        assert kinds == ["info", "error", "session.updated"]
        assert caller.events[1]["client_event_id"] == "a"


@on_a_loop
async def test_a_call_is_hung_up_by_its_owner_and_says_so(endpoint: LocalEndpoint) -> None:
    async with called(endpoint, MODEL) as caller, client(endpoint) as sdk:
        await caller.until("session.started")
        await sdk.live.sessions.hangup(caller.ident)
        assert (await caller.until("session.closed"))["reason"] == "close_requested"
        with pytest.raises(APIStatusError) as refused:
            await sdk.live.sessions.hangup(caller.ident)
        assert refused.value.status_code == 404
        assert refused.value.code == "session_id_not_found"


@pytest.mark.parametrize(
    ("body", "status", "code", "param"),
    [
        ({}, 400, "missing_required_parameter", "session"),
        ({"session": MODEL}, 400, "missing_required_parameter", "transport"),
        ({"session": MODEL, "transport": {"type": "sip"}}, 403, "outbound_sip_not_enabled", None),
        (
            {"session": MODEL, "transport": {"type": "webrtc", "sdp": "v=0"}},
            400,
            "invalid_value",
            "transport.sdp",
        ),
        (
            {"session": {**MODEL, "mood": 1}, "transport": {"type": "webrtc", "sdp": "v=0"}},
            400,
            "unknown_parameter",
            "session.mood",
        ),
    ],
)
@on_a_loop
async def test_a_call_that_is_wrong_is_refused(
    endpoint: LocalEndpoint, body: dict, status: int, code: str, param: str | None
) -> None:
    async with httpx.AsyncClient(timeout=WITHIN) as http:
        url = f"{endpoint.base_url}/live/sessions"
        answer = await http.post(url, json=body, headers={"Authorization": "Bearer any"})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (status, code, param)
