"""The other end of a WebSocket, of the library for WebSockets and nothing of ours."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

KEY = "sk-planted-0123456789abcdef"


class SocketServer:
    """Confirms every session, and keeps what it was sent.

    Args:
        then: what it does once the session is configured.
        refuse: the HTTP status and body with which it refuses instead.

    Attributes:
        requests: the handshakes, and other requests.
        events: what came.
        closed: set when a client has gone.
    """

    def __init__(
        self,
        then: Callable[[ServerConnection], Awaitable[None]] | None = None,
        refuse: tuple[int, str, dict[str, str]] | None = None,
    ) -> None:
        self.requests = []
        self.events: list[dict[str, Any]] = []
        self.closed = asyncio.Event()
        self.base_url = ""
        self._then = then
        self._refuse = refuse

    @asynccontextmanager
    async def serving(self):
        async with serve(self._talk, "127.0.0.1", 0, process_request=self._judge) as server:
            port = server.sockets[0].getsockname()[1]
            self.base_url = f"http://127.0.0.1:{port}/v1"
            yield self

    def _judge(self, connection: ServerConnection, request):
        self.requests.append(request)
        if self._refuse is None:
            return None
        status, body, headers = self._refuse
        response = connection.respond(status, body)
        response.headers.update(headers)
        return response

    async def _talk(self, socket: ServerConnection) -> None:
        try:
            await socket.send('{"type":"session.created","event_id":"event_1","session":{}}')
            async for text in socket:
                event = json.loads(text)
                self.events.append(event)
                if event["type"] == "session.update":
                    confirmed = {"type": "session.updated", "session": event["session"]}
                    await socket.send(json.dumps(confirmed))
                    if self._then is not None:
                        await self._then(socket)
        except ConnectionClosed:
            pass
        finally:
            self.closed.set()


@asynccontextmanager
async def mute_server():
    """Opens WebSockets, and then reads and answers nothing, not even a ping."""
    writers: list[asyncio.StreamWriter] = []

    async def open_only(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from websockets.utils import accept_key  # noqa: PLC0415 - of this one server

        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        key = next(
            line.split(": ", 1)[1]
            for line in head.split("\r\n")
            if line.lower().startswith("sec-websocket-key")
        )
        answer = (
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept_key(key)}\r\n\r\n"
        )
        writer.write(answer.encode())
        writers.append(writer)

    server = await asyncio.start_server(open_only, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        server.close()
        for writer in writers:
            writer.close()
            await writer.wait_closed()
        await server.wait_closed()
