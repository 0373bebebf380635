"""Clients that break off, flood and lie over their WebSocket, beside one that behaves."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from dummy_service import make_server, play, serving
from dummy_websocket_client import frame, raw_socket, talking, url_of
from websockets.asyncio.client import connect

from soundstage.endpoint.server import MOST_MESSAGE_BYTES
from soundstage.endpoint.transports import websocket_session
from soundstage.endpoint.transports.websocket_protocol import MOST_FRAMES, WebSocketProtocol
from soundstage.kernel import AsyncClock
from soundstage.units import samples_of_ms

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

pytestmark = pytest.mark.realtime

CONTINUATION, TEXT, BINARY, CLOSE, PING = 0, 1, 2, 8, 9
UPDATE = json.dumps({"type": "session.update", "session": {"type": "realtime"}}).encode()


async def break_off_in_a_message(reader: Any, writer: Any) -> None:
    writer.write(frame(TEXT, b'{"type": "inp', length=5000))
    await writer.drain()


async def break_off_in_a_fragment(reader: Any, writer: Any) -> None:
    writer.write(frame(TEXT, b'{"type": "inp', final=False))
    await writer.drain()


async def break_off_after_a_close_without_its_answer(reader: Any, writer: Any) -> None:
    writer.write(frame(CLOSE, (1000).to_bytes(2, "big")))
    await writer.drain()


async def announce_a_message_that_is_too_large(reader: Any, writer: Any) -> None:
    writer.write(frame(TEXT, b"x" * 100, length=MOST_MESSAGE_BYTES + 1))
    assert await closing_code(reader) == 1009


async def flood_with_pings(reader: Any, writer: Any) -> None:
    for _ in range(100):
        writer.write(frame(PING, b"!") * 1000)
    # What it had still to be read of the flood may cost it the close frame.
    with suppress(ConnectionError):
        while await reader.read(65536):
            pass


async def flood_with_empty_frames(reader: Any, writer: Any) -> None:
    writer.write(frame(TEXT, b"{", final=False))
    writer.write(frame(CONTINUATION, final=False) * 2 * MOST_FRAMES)
    assert await closing_code(reader) == 1008


async def send_no_utf8(reader: Any, writer: Any) -> None:
    writer.write(frame(TEXT, b"\xff\xfe"))
    assert await closing_code(reader) == 1007


async def send_what_is_no_frame(reader: Any, writer: Any) -> None:
    writer.write(b"\xff" * 64)
    assert await closing_code(reader) == 1002


async def flood_with_nonsense_and_read_nothing(reader: Any, writer: Any) -> None:
    for _ in range(50):
        writer.write(frame(TEXT, b"nonsense") * 200)
    await AsyncClock().sleep(samples_of_ms(200))


async def closing_code(reader: Any) -> int:
    """The code of the close frame, the last thing that a server sends."""
    received = b""
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            received += data
    at = received.rindex(b"\x88")
    return int.from_bytes(received[at + 2 : at + 4], "big")


@pytest.mark.parametrize(
    "misbehave",
    [
        break_off_in_a_message,
        break_off_in_a_fragment,
        break_off_after_a_close_without_its_answer,
        announce_a_message_that_is_too_large,
        flood_with_pings,
        flood_with_empty_frames,
        send_no_utf8,
        send_what_is_no_frame,
        flood_with_nonsense_and_read_nothing,
    ],
)
def test_a_rough_client_loses_only_its_own_session(
    misbehave: Callable[[Any, Any], Awaitable[None]],
) -> None:
    async def scene() -> None:
        server = make_server({"otherwise": "I am well, thank you."})
        async with serving(server) as client, talking(client) as talk:
            await talk.update(output_modalities=["text"])
            async with asyncio.timeout(20), raw_socket(server.base_url) as (reader, writer):
                await misbehave(reader, writer)
                await talk.say("How are you?")
                await talk.sdk.response.create()
                done = await talk.until("response.done")
                assert done["response"]["status"] == "completed"
            assert server._registry is not None
            async with asyncio.timeout(20):
                while server._registry.sockets > 1:
                    await AsyncClock().sleep(samples_of_ms(10))

    play(scene)


def test_others_have_their_turn_while_many_small_frames_are_taken_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frames: list[int] = []
    turns = 0
    take = WebSocketProtocol.handle_cont

    def noted(self: WebSocketProtocol, event: Any) -> None:
        frames.append(turns)
        take(self, event)

    async def scene() -> None:
        loop, server = asyncio.get_running_loop(), make_server()
        over = False

        def turn() -> None:
            nonlocal turns
            turns += 1
            if not over:
                loop.call_soon(turn)

        async with (
            asyncio.timeout(60),
            serving(server),
            raw_socket(server.base_url) as (reader, writer),
        ):
            loop.call_soon(turn)
            writer.write(frame(TEXT, b"{", final=False))
            writer.write(frame(CONTINUATION, final=False) * 8000 + frame(CONTINUATION, b"}"))
            received = b""
            while b"error" not in received:
                received += await reader.read(65536)
            over = True
        most = max(Counter(frames).values())
        assert len(frames) == 8001
        assert most <= 400

    monkeypatch.setattr(WebSocketProtocol, "handle_cont", noted)
    play(scene)


def test_binary_frames_are_read_as_the_json_that_they_should_be() -> None:
    async def scene() -> None:
        server = make_server()
        async with serving(server):
            headers = {"Authorization": "Bearer any"}
            async with connect(url_of(server.base_url), additional_headers=headers) as socket:
                await socket.recv()
                await socket.send(b"\x00\x01")
                assert json.loads(await socket.recv())["error"]["code"] == "invalid_json"
                await socket.send(UPDATE)
                assert json.loads(await socket.recv())["type"] == "session.updated"

    play(scene)


def test_a_client_that_never_reads_is_closed_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket_session, "MOST_WAITING", 100_000)

    async def scene() -> None:
        server = make_server({"otherwise": " ".join(["word"] * 2000)})
        async with serving(server), raw_socket(server.base_url) as (reader, writer):
            reader._transport.pause_reading()
            part = {"type": "input_text", "text": "Well?"}
            item = {"type": "message", "role": "user", "content": [part]}
            beside = {"conversation": "none", "output_modalities": ["text"]}
            for event in (
                {"type": "conversation.item.create", "item": item},
                *[{"type": "response.create", "response": beside}] * 16,
            ):
                writer.write(frame(TEXT, json.dumps(event).encode()))
            assert server._registry is not None
            async with asyncio.timeout(20):
                while server._registry.sockets:
                    await AsyncClock().sleep(samples_of_ms(10))

    play(scene)
