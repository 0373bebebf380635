"""A Realtime service of another make: plain aiortc, its own idea of the protocol, nothing of ours.

It reads an offer as plain SDP only (415 otherwise), sends no `output_audio_buffer` event, names no
call, uses a name of the beta, and puts odd values, nulls and fields of its own where clients hardly
look.
"""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from urllib.parse import parse_qs, urlsplit

import httpx
import numpy as np
from aiortc.mediastreams import MediaStreamTrack
from dummy_far_end import FarEnd, ToneTrack
from dummy_faulty_service import WITHIN, FaultyService
from dummy_tone import tone
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from soundstage.kernel import ThreadedKernel
from soundstage.units import FRAME_SAMPLES

if TYPE_CHECKING:
    from collections.abc import Callable

    from av import AudioFrame
    from websockets.asyncio.server import Server, ServerConnection

LOUD = 1000
"""A peak that speech has."""

BEGINS = 5
"""Frames of speech that begin a turn."""

ENDS = 25
"""Frames of silence that end one."""

FRAMES_PER_WORD = 15

TRANSCRIPT = "What is the weather?"
"""What it takes every turn for."""

ODD = {
    ("conversation.item.added", "event_id"),
    ("conversation.item.added", "type"),
    ("conversation.item.input_audio_transcription.completed", "event_id"),
    ("conversation.item.input_audio_transcription.completed", "usage"),
    ("input_audio_buffer.speech_started", "event_id"),
    ("input_audio_buffer.speech_stopped", "event_id"),
    ("response.created", "event_id"),
    ("response.created", "response.max_output_tokens"),
    ("response.created", "response.metadata"),
    ("response.created", "response.status_details"),
    ("response.done", "event_id"),
    ("response.done", "response.max_output_tokens"),
    ("response.done", "response.metadata"),
    ("response.done", "response.output[].content[].audio"),
    ("response.done", "response.output[].phase"),
    ("response.done", "response.status_details"),
    ("response.output_audio_transcript.delta", "event_id"),
    ("session.created", "event_id"),
    ("session.updated", "event_id"),
}
"""The fields that a client finds odd, by the event's type."""


class Asks(NamedTuple):
    """A line with which it asks for a tool, too."""

    line: str
    tool: str
    arguments: dict[str, str]


class SpokenTrack(ToneTrack):
    """A tone for as long as something is being said, otherwise silence."""

    def __init__(self) -> None:
        super().__init__()
        self.left = 0

    async def recv(self) -> AudioFrame:
        frame = await super().recv()
        if self.left:
            self.left -= 1
        else:
            frame.planes[0].update(bytes(frame.planes[0].buffer_size))
        return frame


class NearGaSession:
    """Answers every turn with its next line, whatever its events and its audio travel on.

    Args:
        lines: what it says, in turn; the last one again and again.
        send: sends an event to the client.
        speak: lets the client hear that many frames of a response's item.
        stop: stops that; how many frames were left.

    Attributes:
        received: the client's events.
        cut: how many frames were left of each reply that was cut.
    """

    def __init__(
        self,
        lines: list[str | Asks],
        send: Callable[[str], object],
        speak: Callable[[dict[str, Any], int], object],
        stop: Callable[[], int],
    ) -> None:
        self.received: list[dict[str, Any]] = []
        self.cut: list[int] = []
        self._lines = lines
        self._send_text = send
        self._speak = speak
        self._stop_speaking = stop
        self._numbers = count(1)
        self._made = 0
        self._loud = self._quiet = 0
        self._hears = False
        self._turns = 0

    @property
    def _heard(self) -> str:
        return f"heard-{self._turns}"

    def greet(self) -> None:
        self._send("session.created", session={"id": None, "audio": None, "odd": [1]})

    def take(self, event: dict[str, Any]) -> None:
        self.received.append(event)
        match event["type"]:
            case "session.update":
                self._send("session.updated", session=event["session"])
            case "response.create":
                self._reply()
            case "response.cancel":
                self._stop()

    def hear(self, samples: np.ndarray) -> None:
        """One frame of the client's audio."""
        loud = int(np.abs(samples.astype(np.int32)).max()) > LOUD
        self._loud = self._loud + 1 if loud else 0
        self._quiet = 0 if loud else self._quiet + 1
        if not self._hears and self._loud == BEGINS:
            self._hears = True
            self._turns += 1
            self._stop()
            self._send("input_audio_buffer.speech_started", item_id=self._heard, audio_start_ms=0)
        elif self._hears and self._quiet == ENDS:
            self._hears = False
            self._send("input_audio_buffer.speech_stopped", item_id=self._heard, audio_end_ms=500)
            said = {"type": "input_audio", "transcript": None}
            item = {"id": self._heard, "type": "message", "role": "user", "content": [said]}
            self._send("conversation.item.created", item=item)
            self._send(
                "conversation.item.input_audio_transcription.completed",
                item_id=self._heard,
                content_index=0,
                transcript=TRANSCRIPT,
                usage="unimplemented",
            )
            self._reply()

    def _reply(self) -> None:
        asked = self._lines[min(self._made, len(self._lines) - 1)]
        line = asked.line if isinstance(asked, Asks) else asked
        self._made += 1
        response, item = f"resp-{self._made}", f"item-{self._made}"
        odd = {
            "id": response,
            "usage": None,
            "metadata": [],
            "max_output_tokens": 1.5,
            "status_details": "unimplemented",
        }
        self._send("response.created", response={**odd, "status": "in_progress", "output": []})
        at = {"response_id": response, "item_id": item, "output_index": 0, "content_index": 0}
        for word in line.split():
            self._send("response.output_audio_transcript.delta", delta=f"{word} ", **at)
        self._speak(at, FRAMES_PER_WORD * len(line.split()))
        part = {"type": "output_audio", "transcript": line, "audio": 7, "odd": 7}
        message = {
            "id": item,
            "type": "message",
            "role": "assistant",
            "phase": 3,
            "content": [part],
        }
        output = [message]
        if isinstance(asked, Asks):
            call = {"id": f"{item}-call", "type": "function_call", "call_id": f"call-{self._made}"}
            arguments = json.dumps(asked.arguments)
            output.append({**call, "name": asked.tool, "arguments": arguments, "phase": 3})
        self._send("response.done", response={**odd, "status": "completed", "output": output})

    def _stop(self) -> None:
        left = self._stop_speaking()
        if left:
            self.cut.append(left)

    def _send(self, kind: str, **fields: Any) -> None:
        ident = next(self._numbers)
        self._send_text(json.dumps({"type": kind, "event_id": ident, "extra": None, **fields}))


class NearGaFarEnd(FarEnd):
    """Such a session over WebRTC.

    Args:
        lines: what it says.
    """

    def __init__(self, lines: list[str | Asks]) -> None:
        self.voice = SpokenTrack()
        super().__init__(self.voice)
        self.session = NearGaSession(lines, self._send, self._speak, self._stop)

    def _send(self, text: str) -> None:
        self.channel.send(text)

    def _speak(self, _: dict[str, Any], frames: int) -> None:
        self.voice.left = frames

    def _stop(self) -> int:
        left, self.voice.left = self.voice.left, 0
        return left

    def _greet(self, channel) -> None:
        self.channel = channel
        channel.on("message", lambda text: self.session.take(json.loads(text)))
        self.session.greet()

    async def _keep(self, track: MediaStreamTrack) -> None:
        self.heard = _Listener(lambda frame: self.session.hear(frame.to_ndarray()))
        await super()._keep(track)


class _Listener(list["AudioFrame"]):
    """In place of the frames that came: each is heard, and none is kept."""

    def __init__(self, hear) -> None:
        super().__init__()
        self._hear = hear

    def append(self, frame: AudioFrame) -> None:
        self._hear(frame)


class NearGaService(FaultyService):
    """Takes plain SDP only, and gives no call an address.

    Attributes:
        models: which one each call asked for.
        refused: offers that came in another form.
    """

    def __init__(self, *lines: str | Asks) -> None:
        super().__init__(lambda: NearGaFarEnd(list(lines)))
        self.models: list[str] = []
        self.refused = 0

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.headers["content-type"] != "application/sdp":
            self.refused += 1
            return httpx.Response(415, json={"detail": "Unsupported Media Type"})
        self.models.append(request.url.params["model"])
        response = await super()._answer(request)
        del response.headers["location"]
        return response


class NearGaSocketService:
    """The same over WebSockets: all of a reply's audio comes at once, in one event of the beta.

    Attributes:
        sessions: one for each client.
        models: which one each asked for.
    """

    def __init__(self, *lines: str | Asks) -> None:
        self.sessions: list[NearGaSession] = []
        self.models: list[str] = []
        self.base_url = ""
        self._lines = list(lines)
        self._kernel = ThreadedKernel()
        self._server: Server | None = None

    def __enter__(self) -> Self:
        self._kernel.portal.run(self._start, within=WITHIN)
        return self

    def __exit__(self, *_: object) -> None:
        self._kernel.portal.run(self._stop, within=WITHIN)
        self._kernel.close()

    async def _start(self) -> None:
        self._server = await serve(self._talk, "127.0.0.1", 0)
        self.base_url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"

    async def _stop(self) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _talk(self, socket: ServerConnection) -> None:
        waiting: list[str] = []
        number = 0

        def speak(at: dict[str, Any], frames: int) -> None:
            nonlocal number
            pcm = b"".join(tone(number + each) for each in range(frames))
            number += frames
            audio = {"type": "response.audio.delta", "delta": base64.b64encode(pcm).decode(), **at}
            waiting.append(json.dumps(audio))

        # What was sent is the client's to play, and to stop.
        session = NearGaSession(self._lines, waiting.append, speak, lambda: 0)
        self.sessions.append(session)
        self.models.append(parse_qs(urlsplit(socket.request.path).query)["model"][0])
        session.greet()
        with suppress(ConnectionClosed):
            while True:
                for text in waiting:
                    await socket.send(text)
                waiting.clear()
                event = json.loads(await socket.recv())
                if event["type"] == "input_audio_buffer.append":
                    pcm = np.frombuffer(base64.b64decode(event["audio"]), "<i2")
                    for frame in pcm.reshape(-1, FRAME_SAMPLES):
                        session.hear(frame)
                else:
                    session.take(event)
