"""A voice that the service does not have: refused as there, or spoken by a stand-in and told."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from dummy_engines import DummyEngines
from dummy_service import make_server, plan
from msgspec.structs import replace

from soundstage import RealtimeClient
from soundstage.client import server_events as server
from soundstage.endpoint import EndpointServer
from soundstage.errors import CallRefused

pytestmark = pytest.mark.realtime

LOCAL: dict[str, Any] = {"lines": ["Good evening.", "Good night."]}


def strict_server() -> EndpointServer:
    return make_server(
        engines=DummyEngines(),
        choose=lambda _: replace(plan(LOCAL), strict=True),
        strict=True,
    )


@pytest.mark.parametrize("transport", ["webrtc", "websocket"])
def test_a_session_is_refused_where_that_is_wanted(transport) -> None:
    async def scene() -> None:
        made = strict_server()
        await made.start()
        try:
            client = RealtimeClient(base_url=made.base_url, transport=transport, voice="aloy")
            with pytest.raises(CallRefused, match=r"'aloy'.*Supported values are: 'alloy'"):
                await client.connect()
            await client.close()
            async with httpx.AsyncClient(trust_env=False) as http:
                output = {"output": {"voice": "aloy"}}
                refused = await http.post(
                    f"{made.base_url}/realtime/client_secrets",
                    json={"session": {"type": "realtime", "audio": output}},
                    headers={"Authorization": "Bearer any"},
                )
            assert refused.status_code == 400
            assert refused.json()["error"]["param"] == "session.audio.output.voice"
        finally:
            await made.close()

    asyncio.run(scene())


def test_a_response_with_such_a_voice_is_refused_too() -> None:
    async def scene() -> None:
        made = strict_server()
        await made.start()
        try:
            async with (
                asyncio.timeout(40),
                RealtimeClient(base_url=made.base_url, transport="websocket") as client,
            ):
                client.respond(audio={"output": {"voice": "aloy"}})
                async for event in client:
                    if isinstance(event, server.Error):
                        assert event.error.param == "response.audio.output.voice"
                        break
        finally:
            await made.close()

    asyncio.run(scene())


def test_otherwise_a_stand_in_speaks_and_that_is_told_once(caplog) -> None:
    async def scene() -> None:
        made = make_server(LOCAL)
        await made.start()
        try:
            async with (
                asyncio.timeout(40),
                RealtimeClient(
                    base_url=made.base_url, transport="websocket", voice="alloy-of-this-test"
                ) as client,
            ):
                for _ in range(2):
                    client.respond()
                    async for event in client:
                        if isinstance(event, server.OutputAudioBufferStopped):
                            break
        finally:
            await made.close()

    asyncio.run(scene())
    told = [each for each in caplog.records if "is no voice of the service" in each.getMessage()]
    assert len(told) == 1
