"""A page that a developer wrote after OpenAI's documentation, and the server that it comes from."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

SNIPPET = """
// Get a session token for OpenAI Realtime API
const tokenResponse = await fetch("/token");
const data = await tokenResponse.json();
const EPHEMERAL_KEY = data.value;

// Create a peer connection
const pc = new RTCPeerConnection();

// Set up to play remote audio from the model
audioElement.current = document.createElement("audio");
audioElement.current.autoplay = true;
pc.ontrack = (e) => (audioElement.current.srcObject = e.streams[0]);

// Add local audio track for microphone input in the browser
const ms = await navigator.mediaDevices.getUserMedia({
    audio: true,
});
pc.addTrack(ms.getTracks()[0]);

// Set up data channel for sending and receiving events
const dc = pc.createDataChannel("oai-events");

// Start the session using the Session Description Protocol (SDP)
const offer = await pc.createOffer();
await pc.setLocalDescription(offer);

const sdpResponse = await fetch("https://api.openai.com/v1/realtime/calls", {
    method: "POST",
    body: offer.sdp,
    headers: {
        Authorization: `Bearer ${EPHEMERAL_KEY}`,
        "Content-Type": "application/sdp",
    },
});

const answer = {
    type: "answer",
    sdp: await sdpResponse.text(),
};
await pc.setRemoteDescription(answer);

// Listen for server events
dc.addEventListener("message", (e) => {
    const event = JSON.parse(e.data);
    console.log(event);
});
"""
"""Connecting in a browser, letter by letter from the guide "Realtime API with WebRTC"."""

UNIFIED = """
// Create a peer connection
const pc = new RTCPeerConnection();

// Set up to play remote audio from the model
audioElement.current = document.createElement("audio");
audioElement.current.autoplay = true;
pc.ontrack = (e) => (audioElement.current.srcObject = e.streams[0]);

// Add local audio track for microphone input in the browser
const ms = await navigator.mediaDevices.getUserMedia({
    audio: true,
});
pc.addTrack(ms.getTracks()[0]);

// Set up data channel for sending and receiving events
const dc = pc.createDataChannel("oai-events");

// Start the session using the Session Description Protocol (SDP)
const offer = await pc.createOffer();
await pc.setLocalDescription(offer);

const sdpResponse = await fetch("/session", {
    method: "POST",
    body: offer.sdp,
    headers: {
        "Content-Type": "application/sdp",
    },
});

const answer = {
    type: "answer",
    sdp: await sdpResponse.text(),
};
await pc.setRemoteDescription(answer);
"""
"""The same guide's other way: the developer's own server passes the offer on."""

SESSION = '{"type": "realtime", "model": "gpt-realtime", "audio": {"output": {"voice": "marin"}}}'

_PAGE = """<!doctype html><title>A page</title>%s<script type="module">%s</script>"""
_WATCHED = """
window.seen = {events: [], state: "", played: 0};
const audioElement = {current: null};
try {
%s
window.pc = pc; window.dc = dc; window.audio = audioElement.current;
pc.addEventListener("connectionstatechange", () => seen.state = pc.connectionState);
seen.state = pc.connectionState;
dc.addEventListener("message", (e) => seen.events.push(JSON.parse(e.data)));
} catch (error) { seen.failed = String(error); }
"""
"""Around a snippet: what a test looks at."""


class DummyPage:
    """A developer's server on loopback: the page, its token, and the offers that it passes on.

    Args:
        snippet: the script, whose one change is the base URL.
        base_url: of the endpoint.
        library: a script that is loaded before it; a snippet without one is watched.
    """

    def __init__(self, snippet: str, base_url: str, library: bytes | None = None) -> None:
        self._base_url = base_url
        self._library = library or b""
        script = snippet.replace("https://api.openai.com/v1", base_url)
        tag = "" if library is None else '<script src="/library.js"></script>'
        self._page = (_PAGE % (tag, _WATCHED % script if library is None else script)).encode()

    @contextmanager
    def serving(self) -> Iterator[str]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="dummy-page")
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/token":
                    self._answer(200, "application/json", owner.token())
                elif self.path == "/library.js":
                    self._answer(200, "text/javascript", owner._library)
                else:
                    self._answer(200, "text/html", owner._page)

            def do_POST(self) -> None:
                offer = self.rfile.read(int(self.headers["content-length"]))
                self._answer(200, "application/sdp", owner.pass_on(offer))

            def _answer(self, status: int, kind: str, body: bytes) -> None:
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def token(self) -> bytes:
        """An ephemeral key, as the guide's server makes one."""
        answer = httpx.post(
            f"{self._base_url}/realtime/client_secrets",
            headers={"Authorization": "Bearer any", "Content-Type": "application/json"},
            content=f'{{"session": {SESSION}}}',
            verify=False,
        )
        return answer.content

    def pass_on(self, offer: bytes) -> bytes:
        """An offer with the session, as the guide's server sends them."""
        answer = httpx.post(
            f"{self._base_url}/realtime/calls",
            headers={"Authorization": "Bearer any"},
            files={"sdp": (None, offer), "session": (None, SESSION)},
            verify=False,
        )
        return answer.content
