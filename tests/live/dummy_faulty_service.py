"""A Realtime service with a fault: HTTP on this machine in front of plain aiortc far ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Self

import httpx
from dummy_far_end import CALL, FarEnd, parts_of

from soundstage.kernel import ThreadedKernel
from soundstage.units import samples_of_seconds

WITHIN = samples_of_seconds(10)


def _nothing(moment: str) -> None:
    pass


class FaultyService:
    """Answers each call with a far end of its own.

    Args:
        make: makes the far end of a call; None never answers at all.
        watch: told of every `offer`, `answer` and `channel`, on the service's thread.

    Attributes:
        far_ends: one for each call that was answered.
        hung_up: how many calls were hung up.
    """

    def __init__(
        self, make: Callable[[], FarEnd] | None, watch: Callable[[str], object] = _nothing
    ) -> None:
        self._make = make
        self._watch = watch
        self._kernel = ThreadedKernel()
        self._closing = asyncio.Event()
        self._answers: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.far_ends: list[FarEnd] = []
        self.hung_up = 0
        self.base_url = ""

    def __enter__(self) -> Self:
        self._kernel.portal.run(self._start, within=WITHIN)
        return self

    def __exit__(self, *_: object) -> None:
        self._kernel.portal.run(self._stop, within=WITHIN)
        self._kernel.close()

    async def _start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.base_url = f"http://127.0.0.1:{port}/v1"

    async def _stop(self) -> None:
        self._server.close()
        self._closing.set()
        await asyncio.gather(*self._answers)
        for far in self.far_ends:
            await far.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._answers.add(asyncio.current_task())
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            response = await self._answer(await _read_request(reader))
            head = [f"HTTP/1.1 {response.status_code} Dummy", "Connection: close"]
            head += [f"{name}: {value}" for name, value in response.headers.items()]
            writer.write("\r\n".join([*head, "", ""]).encode() + response.content)
            await writer.drain()
        writer.close()

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/hangup"):
            self.hung_up += 1
            return httpx.Response(200)
        self._watch("offer")
        if self._make is None:
            await self._closing.wait()
            raise ConnectionError
        far = self._make()
        self.far_ends.append(far)
        answer = await far.answer(parts_of(request)["sdp"][1].decode())
        far.connection.on("datachannel", lambda _: self._watch("channel"))
        self._watch("answer")
        return httpx.Response(201, text=answer, headers={"Location": f"/v1/realtime/calls/{CALL}"})


class Greeting(FarEnd):
    """Makes a session, and says nothing more."""

    def _greet(self, channel) -> None:
        super()._greet(channel)
        channel.send('{"type":"session.created","event_id":"event_1","session":{}}')


class Confirming(Greeting):
    """Takes every session as it comes."""

    def _greet(self, channel) -> None:
        super()._greet(channel)
        updated = '{"type":"session.updated","event_id":"event_2","session":{}}'
        channel.on("message", lambda _: channel.send(updated))


class Unreachable(FarEnd):
    """Answers, and is gone."""

    async def answer(self, offer: str) -> str:
        sdp = await super().answer(offer)
        await self.close()
        return sdp


def deaf() -> FarEnd:
    """One that connects, and opens no channel."""
    far = FarEnd()
    far.deaf = True
    return far


async def _read_request(reader: asyncio.StreamReader) -> httpx.Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    method, path, _ = head[0].split()
    headers = httpx.Headers([line.split(": ", 1) for line in head[1:] if line])
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return httpx.Request(method, f"http://dummy{path}", headers=headers, content=body)
