"""The echo bots that take calls over a WebSocket."""

from __future__ import annotations

import asyncio
import base64
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from soundstage.audio import samples_of, to_pcm
from soundstage.bots.echo.parrot import Parrot
from soundstage.bots.pipecat.frame_dialect import AUDIO, SENT
from soundstage.bots.protobuf_fields import bytes_field, fields_of, message_of, number_field
from soundstage.json_text import read_json_as

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from websockets.asyncio.server import ServerConnection


class _Echo(Protocol):
    """What one transport's messages mean to its echo bot."""

    def hear(self, message: str | bytes) -> None:
        """Take a message of the caller."""
        ...


class RawEcho:
    """Of `websocket`: binary messages are audio."""

    def __init__(self, send: Callable[[str | bytes], None]) -> None:
        self._parrot = Parrot(lambda pieces: send(b"".join(pieces)))

    def hear(self, message: str | bytes) -> None:
        """Hear it, where it is audio."""
        if isinstance(message, bytes):
            self._parrot.hear(message)


class TwilioEcho:
    """Of `twilio`: JSON with base64 of µ-law."""

    def __init__(self, send: Callable[[str | bytes], None]) -> None:
        self._send = send
        self._stream = ""
        self._parrot = Parrot(self._say)

    def hear(self, message: str | bytes) -> None:
        """Hear it, where it is audio."""
        told = read_json_as(message, dict[str, Any])
        if told["event"] == "start":
            self._stream = told["streamSid"]
        elif told["event"] == "media":
            codes = base64.b64decode(told["media"]["payload"])
            self._parrot.hear(to_pcm(samples_of("mu", codes)), codes)

    def _say(self, pieces: list[bytes]) -> None:
        payload = base64.b64encode(b"".join(pieces)).decode()
        media = {"event": "media", "streamSid": self._stream, "media": {"payload": payload}}
        self._send(msgspec.json.encode(media).decode())


class FrameEcho:
    """Of `pipecat-websocket`: frames of Pipecat in protobuf."""

    def __init__(self, send: Callable[[str | bytes], None]) -> None:
        self._send = send
        self._parrot = Parrot(self._say)

    def hear(self, message: str | bytes) -> None:
        """Hear it, where it is audio."""
        frame = {} if isinstance(message, str) else fields_of(message)
        if AUDIO in frame:
            self._parrot.hear(message_of(fields_of(message_of(frame[AUDIO])).get(3)))

    def _say(self, pieces: list[bytes]) -> None:
        audio = bytes_field(3, b"".join(pieces)) + number_field(4, SENT.rate) + number_field(5, 1)
        self._send(bytes_field(AUDIO, audio))


SOCKET_ECHOES: Final[Mapping[str, Callable[[Callable[[str | bytes], None]], _Echo]]] = {
    "websocket": RawEcho,
    "twilio": TwilioEcho,
    "pipecat-websocket": FrameEcho,
}
"""Transport to what echoes over it."""


async def serve_sockets(transport: str, port: int) -> None:
    """Take calls on this port of loopback, until the program is ended."""
    make = SOCKET_ECHOES[transport]

    async def take(socket: ServerConnection) -> None:
        said: asyncio.Queue[str | bytes] = asyncio.Queue()
        echo, talking = make(said.put_nowait), asyncio.create_task(_talk(socket, said))
        try:
            async for message in socket:
                echo.hear(message)
        finally:
            talking.cancel()

    async with serve(take, "127.0.0.1", port, compression=None) as server:
        await server.serve_forever()


async def _talk(socket: ServerConnection, said: asyncio.Queue[str | bytes]) -> None:
    with suppress(ConnectionClosed):
        while True:
            await socket.send(await said.get())
