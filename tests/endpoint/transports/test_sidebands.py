"""Sidebands: WebSockets on a call over WebRTC, opened by the official SDK."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from dummy_service import make_server, play, serving
from dummy_webrtc_client import SESSION, WebRtcClient
from dummy_websocket_client import talking, url_of
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from soundstage.endpoint.transports.webrtc_call import MOST_SIDEBANDS

if TYPE_CHECKING:
    from openai import AsyncOpenAI

pytestmark = pytest.mark.realtime


async def called(client: AsyncOpenAI, *, channel: bool = True) -> WebRtcClient:
    caller = WebRtcClient(client, channel=channel)
    await caller.call({**SESSION, "audio": {"output": {"voice": "shimmer"}}})
    if channel:
        await caller.wait_for("session.created")
    else:
        await caller.wait_for_state("connected")
    return caller


def test_several_sidebands_share_the_session_with_the_channel() -> None:
    async def scene() -> None:
        server = make_server({"lines": ["One. And now number two."]})
        async with serving(server) as client:
            caller = await called(client)
            async with (
                talking(client, call_id=caller.call_id) as first,
                talking(client, call_id=caller.call_id) as second,
            ):
                updated = await first.update(instructions="Be brief.")
                assert first.order() == ["session.updated"]
                suffix = caller.call_id.removeprefix("rtc_u0_")
                assert updated["session"]["id"] == f"sess_u0_{suffix}"
                await second.sdk.response.create()
                for talk in (first, second):
                    await talk.until("output_audio_buffer.stopped")
                    order = talk.order()
                    assert "output_audio_buffer.started" in order
                    assert "response.done" in order
                    assert "response.output_audio.delta" not in order
                    assert "session.created" not in order
                await caller.wait_for("output_audio_buffer.stopped")
                heard = [event["event_id"] for event in caller.events]
                told = [event["event_id"] for event in first.events]
                assert heard[-len(told) :] == told
                assert second.events == first.events
            await caller.leave()

    play(scene)


def test_a_hang_up_ends_the_sidebands() -> None:
    async def scene() -> None:
        async with serving(make_server()) as client:
            caller = await called(client)
            async with talking(client, call_id=caller.call_id) as talk:
                await talk.update()
                await client.realtime.calls.hangup(caller.call_id)
                closed = await talk.until_closed()
                assert closed.rcvd is not None
                assert closed.rcvd.code == 1000
            await caller.leave()

    play(scene)


def test_a_caller_that_leaves_ends_the_sidebands() -> None:
    async def scene() -> None:
        async with serving(make_server()) as client:
            caller = await called(client)
            async with talking(client, call_id=caller.call_id) as talk:
                await talk.update()
                await caller.leave()
                await talk.until_closed()

    play(scene)


def test_a_sideband_that_leaves_ends_nothing_else() -> None:
    async def scene() -> None:
        async with serving(make_server({"lines": ["Still here."]})) as client:
            caller = await called(client)
            async with talking(client, call_id=caller.call_id) as talk:
                await talk.update()
            caller.send("response.create")
            await caller.wait_for("output_audio_buffer.stopped")
            await caller.leave()

    play(scene)


def test_a_call_with_no_channel_is_led_over_its_sideband() -> None:
    async def scene() -> None:
        async with serving(make_server({"lines": ["Good evening."]})) as client:
            caller = await called(client, channel=False)
            async with talking(client, call_id=caller.call_id) as talk:
                await talk.sdk.response.create()
                done = await talk.until("response.done")
                assert done["response"]["status"] == "completed"
            await caller.leave()

    play(scene)


@pytest.mark.parametrize("path", ["unknown", "ended"])
def test_a_call_that_is_not_there_has_no_sideband(path: str) -> None:
    async def refusal(url: str) -> Any:
        headers = {"Authorization": "Bearer any"}
        with pytest.raises(InvalidStatus) as refused:
            async with connect(url, additional_headers=headers):
                pass
        return refused.value.response

    async def scene() -> None:
        server = make_server()
        async with serving(server) as client:
            caller = await called(client)
            ident = caller.call_id if path == "ended" else "rtc_nobody"
            await client.realtime.calls.hangup(caller.call_id)
            response = await refusal(url_of(server.base_url, f"call_id={ident}"))
            assert response.status_code == 404
            assert b"No session found for the provided call_id." in response.body
            await caller.leave()

    play(scene)


def test_a_call_has_only_so_many_sidebands() -> None:
    async def scene() -> None:
        server = make_server()
        async with serving(server) as client:
            caller = await called(client)
            url = url_of(server.base_url, f"call_id={caller.call_id}")
            headers = {"Authorization": "Bearer any"}
            sockets = [
                await connect(url, additional_headers=headers) for _ in range(MOST_SIDEBANDS)
            ]
            with pytest.raises(InvalidStatus) as refused:
                await connect(url, additional_headers=headers)
            assert refused.value.response.status_code == 429
            await asyncio.gather(*(socket.close() for socket in sockets))
            await caller.leave()

    play(scene)
