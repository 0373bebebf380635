"""A client over a WebSocket that is not ours: the official SDK, and sockets that misbehave."""

from __future__ import annotations

import asyncio
import base64
import json
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from dummy_sdk_events import checked
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from openai import AsyncOpenAI
    from openai.resources.realtime.realtime import AsyncRealtimeConnection


class Talk:
    """A session of the SDK.

    Attributes:
        sdk: the SDK's own connection.
        events: what has come, each valid by the SDK's own models.
    """

    def __init__(self, sdk: AsyncRealtimeConnection) -> None:
        self.sdk = sdk
        self.events: list[dict[str, Any]] = []

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(20):
            event = checked(await self.sdk.recv_bytes())
        self.events.append(event)
        return event

    async def until(self, kind: str) -> dict[str, Any]:
        """Read until an event of this type has come."""
        while (event := await self.next())["type"] != kind:
            pass
        return event

    async def until_closed(self) -> ConnectionClosed:
        try:
            while True:
                await self.next()
        except ConnectionClosed as closed:
            return closed

    def all(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["type"] == kind]

    def order(self) -> list[str]:
        return [event["type"] for event in self.events]

    async def say(self, text: str) -> None:
        part = {"type": "input_text", "text": text}
        item = {"type": "message", "role": "user", "content": [part]}
        await self.sdk.conversation.item.create(item=item)  # type: ignore[arg-type]

    async def append(self, pcm: bytes) -> None:
        await self.sdk.input_audio_buffer.append(audio=base64.b64encode(pcm).decode())

    async def update(self, **session: Any) -> dict[str, Any]:
        await self.sdk.session.update(session={"type": "realtime", **session})
        return await self.until("session.updated")

    def audio(self) -> bytes:
        deltas = self.all("response.output_audio.delta")
        return b"".join(base64.b64decode(delta["delta"]) for delta in deltas)


@asynccontextmanager
async def talking(client: AsyncOpenAI, **asked: Any) -> AsyncIterator[Talk]:
    asked = asked or {"model": "gpt-realtime-2.1"}
    async with client.realtime.connect(**asked) as connection:
        yield Talk(connection)


def url_of(base_url: str, query: str = "model=m") -> str:
    return f"{base_url.replace('http', 'ws', 1)}/realtime?{query}"


async def last_words(url: str, **options: Any) -> tuple[list[dict[str, Any]], int, str]:
    """What a client is told before it is closed, and the code and the reason."""
    told: list[dict[str, Any]] = []
    async with asyncio.timeout(20), connect(url, **options) as socket:
        with suppress(ConnectionClosed):
            while True:
                told.append(json.loads(await socket.recv()))
        return told, socket.close_code or 0, socket.close_reason or ""


@asynccontextmanager
async def raw_socket(base_url: str) -> AsyncIterator[tuple[Any, Any]]:
    """A stream on which the handshake has been made, and nothing of a protocol is kept since."""
    address, _, path = base_url.removeprefix("http://").partition("/")
    host, _, port = address.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    request = (
        f"GET /{path}/realtime?model=m HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Version: 13\r\nAuthorization: Bearer any\r\n\r\n"
    )
    writer.write(request.encode())
    answer = await reader.readuntil(b"\r\n\r\n")
    assert b" 101 " in answer
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


def frame(opcode: int, payload: bytes = b"", *, final: bool = True, length: int = -1) -> bytes:
    """A masked frame, whose length may be a lie."""
    length = len(payload) if length < 0 else length
    head = bytes([opcode | (0x80 if final else 0)])
    if length < 126:
        head += bytes([0x80 | length])
    elif length < 65536:
        head += bytes([0x80 | 126]) + length.to_bytes(2, "big")
    else:
        head += bytes([0x80 | 127]) + length.to_bytes(8, "big")
    return head + bytes(4) + payload  # a mask of zeros changes nothing
