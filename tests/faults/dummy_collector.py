"""A collector of OpenTelemetry, on loopback, that breaks in one way."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class DummyCollector:
    """Takes no trace; `fault` says in which way."""

    def __init__(self, fault: str) -> None:
        self._fault = fault
        self._over = threading.Event()

    @contextmanager
    def serving(self) -> Iterator[str]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="collector")
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            self._over.set()
            server.shutdown()
            server.server_close()
            thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                with suppress(OSError):
                    owner._answer(self)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        if self._fault == "die":
            handler.connection.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0" + bytes(4)
            )
            handler.connection.close()
            return
        if self._fault in {"hang", "slow"}:
            self._over.wait(60 if self._fault == "hang" else 0.3)
        if self._fault == "garbage":
            handler.wfile.write(b"no answer of HTTP\r\n\r\n")
            return
        handler.send_response(500 if self._fault == "raise" else 200)
        handler.end_headers()
        while self._fault == "flood" and not self._over.wait(0.01):
            handler.wfile.write(bytes(1000))
