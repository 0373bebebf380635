"""Connections on which no request comes are ended; all others are left alone."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import FastAPI, Request, WebSocket
from websockets.asyncio.client import connect

from soundstage.kernel import AsyncClock
from soundstage.serving import HttpServer, http_server, listen
from soundstage.units import samples_of_seconds

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

pytestmark = pytest.mark.realtime

WITHIN = 0.2
LONGER = samples_of_seconds(3 * WITHIN)
GET = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"


@pytest.fixture(autouse=True)
def short_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "REQUEST_WITHIN", WITHIN)
    monkeypatch.setattr(http_server, "BODY_WITHIN", WITHIN)


def slow_app() -> FastAPI:
    app = FastAPI()

    @app.get("/")
    async def answer() -> str:
        await AsyncClock().sleep(LONGER)
        return "done"

    @app.post("/")
    async def read(request: Request) -> int:
        return len(await request.body())

    @app.websocket("/talk")
    async def talk(socket: WebSocket) -> None:
        await socket.accept()
        await AsyncClock().sleep(LONGER)
        await socket.send_text("done")
        await socket.close()

    return app


def serving(scene: Callable[[int], Awaitable[None]], **options: Any) -> None:
    async def play() -> None:
        listener = listen(0, who="the test")
        server = HttpServer(slow_app(), listener, ws="websockets-sansio", **options)
        port = listener.getsockname()[1]
        await server.start()
        try:
            async with asyncio.timeout(20):
                await scene(port)
        finally:
            await server.close()

    asyncio.run(play())


@pytest.mark.parametrize("sent", [b"", GET[:9], GET[:-2]])
def test_half_a_request_ends_the_connection(sent: bytes) -> None:
    async def scene(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        assert await reader.read() == b""
        writer.close()

    serving(scene)


def test_an_answer_may_take_longer_and_a_second_half_request_ends_the_connection() -> None:
    async def scene(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(GET)
        assert await reader.readuntil(b'"done"')
        writer.write(GET)
        assert await reader.readuntil(b'"done"')
        writer.write(GET[:9])
        assert await reader.read() == b""
        writer.close()

    serving(scene)


def test_bytes_that_drip_do_not_put_the_end_off() -> None:
    async def scene(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        loop = asyncio.get_running_loop()
        began, gone = loop.time(), loop.create_task(reader.read())
        while not gone.done():
            writer.write(b"x")
            await asyncio.wait({gone}, timeout=WITHIN / 5)
        assert loop.time() - began >= WITHIN
        writer.close()

    serving(scene)


POST = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 1000\r\n\r\n"


def test_a_body_that_drips_ends_the_connection_and_says_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scene(port: int) -> None:
        loop = asyncio.get_running_loop()

        async def drip() -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(POST)
            gone = loop.create_task(reader.read())
            while not gone.done():
                writer.write(b"x")
                await asyncio.wait({gone}, timeout=WITHIN / 5)
            with suppress(ConnectionError):
                assert await gone == b""
            writer.close()

        await asyncio.gather(*(drip() for _ in range(20)))

    with caplog.at_level(logging.INFO):
        serving(scene)
    assert caplog.records == []


def test_a_body_that_comes_in_time_is_answered() -> None:
    async def scene(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(POST)
        await writer.drain()
        writer.write(b"x" * 1000)
        assert await reader.readuntil(b"\r\n\r\n1000")
        writer.close()

    serving(scene)


def test_a_connection_too_many_is_closed_and_there_is_room_again_for_others() -> None:
    async def closed(reader: asyncio.StreamReader) -> bool:
        with suppress(ConnectionError):
            return await reader.read() == b""
        return True

    async def scene(port: int) -> None:
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(GET)
        assert await closed(reader)
        writer.close()
        for reader, writer in held:
            assert await closed(reader)  # no request comes on them
            writer.close()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(GET)
        assert await reader.readuntil(b'"done"')
        writer.close()

    serving(scene, most_connections=3)


def test_a_websocket_is_left_alone() -> None:
    async def scene(port: int) -> None:
        async with connect(f"ws://127.0.0.1:{port}/talk") as socket:
            assert await socket.recv() == "done"

    serving(scene)
