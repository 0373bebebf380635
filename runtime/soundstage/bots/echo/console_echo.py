"""The echo bot of `livekit-console`, which dials in as LiveKit's agents do."""

from __future__ import annotations

import asyncio
import struct
from contextlib import suppress
from typing import Final

from soundstage.bots.echo.parrot import Parrot
from soundstage.bots.livekit_console import console_dialect as console
from soundstage.bots.protobuf_fields import (
    FieldValue,
    bytes_field,
    fields_of,
    message_of,
    number_field,
    text_field,
    text_of,
)

_LENGTH: Final = struct.Struct(">I")


class ConsoleEcho:
    """Answers what it is asked, and says back what it hears.

    Args:
        writer: of the connection.
    """

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._parrot = Parrot(self._say)

    def hear(self, message: bytes) -> None:
        """Take a message of the console."""
        told = fields_of(message)
        if console.REQUEST in told:
            self._answer(fields_of(message_of(told[console.REQUEST])))
        if console.AUDIO_INPUT in told:
            self._parrot.hear(message_of(fields_of(message_of(told[console.AUDIO_INPUT])).get(1)))

    def _answer(self, asked: dict[int, FieldValue]) -> None:
        to = text_field(1, text_of(asked.get(1)))
        if console.GET_FRAMEWORK_INFO in asked:
            info = text_field(1, "python") + text_field(2, f"{console.VERSION}.0")
            self._send(
                bytes_field(console.RESPONSE, to + bytes_field(console.FRAMEWORK_INFO, info))
            )
        elif console.PING in asked:
            self._send(bytes_field(console.RESPONSE, to + bytes_field(console.PONG, b"")))

    def _say(self, pieces: list[bytes]) -> None:
        audio = b"".join(pieces)
        shape = (
            number_field(2, console.WIRE.rate)
            + number_field(3, 1)
            + number_field(4, len(audio) // console.WIRE.sample_bytes)
        )
        frame = bytes_field(1, audio) + shape
        self._send(bytes_field(console.AUDIO_OUTPUT, frame))
        self._send(bytes_field(console.PLAYBACK_FLUSH, b""))

    def _send(self, message: bytes) -> None:
        self._writer.write(_LENGTH.pack(len(message)) + message)


async def dial_in(port: int) -> None:
    """Call the console that listens on this port, until it hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    echo = ConsoleEcho(writer)
    with suppress(asyncio.IncompleteReadError, OSError):
        while True:
            (size,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
            echo.hear(await reader.readexactly(size))
