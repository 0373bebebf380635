"""A chat server on loopback, with real HTTP, that says what a test tells it to."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]


def delta(content: str | None = None, finish: str | None = None, **more: Any) -> Json:
    said = {**({} if content is None else {"content": content}), **more}
    return {"choices": [{"index": 0, "delta": said, "finish_reason": finish}]}


def words(text: str) -> list[Json]:
    """The chunks of a text, cut in the middle of its words."""
    cut = [text[at : at + 5] for at in range(0, len(text), 5)]
    return [delta(role="assistant"), *[delta(piece) for piece in cut], delta(finish="stop")]


class DummyChatServer:
    """One answer for each request, the last one for all that follow.

    An answer is a list of chunks; or a status with a body; or bytes as they go on the wire; or a
    function that makes one of these from the request.
    """

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.requests: list[Json] = []
        self.keys: list[str | None] = []
        self.let_go = threading.Event()
        self.holds_after: int | None = None
        self.holds = 10.0
        self.dies = False
        self.gone = threading.Event()
        self.url = ""

    @contextmanager
    def serving(self) -> Iterator[DummyChatServer]:
        server = HTTPServer(("127.0.0.1", 0), self._handler())
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="dummy-chat")
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        try:
            yield self
        finally:
            self.let_go.set()
            server.shutdown()
            server.server_close()
            thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.0"

            def do_POST(self) -> None:
                assert self.path == "/v1/chat/completions"
                length = int(self.headers["content-length"])
                request = json.loads(self.rfile.read(length))
                owner.requests.append(request)
                owner.keys.append(self.headers.get("authorization"))
                answers = owner.answers
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
                owner.answer(self, answer(request) if callable(answer) else answer)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler

    def answer(self, handler: BaseHTTPRequestHandler, answer: Any) -> None:
        status, body = answer if isinstance(answer, tuple) else (200, answer)
        handler.send_response(status)
        kind = "application/json" if isinstance(body, dict) else "text/event-stream"
        handler.send_header("content-type", kind)
        handler.end_headers()
        try:
            if isinstance(body, list):
                self._stream(handler, body)
            else:
                handler.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())
        except OSError:
            self.gone.set()

    def _stream(self, handler: BaseHTTPRequestHandler, chunks: list[Json]) -> None:
        for number, chunk in enumerate(chunks):
            if number == self.holds_after:
                self.let_go.wait(self.holds)
            handler.wfile.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")
            handler.wfile.flush()
        if self.dies:  # in the middle of the answer, its connection reset
            handler.connection.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0" + bytes(4)
            )
            handler.connection.close()
            return
        handler.wfile.write(b"data: [DONE]\n\n")
