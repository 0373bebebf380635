"""A Realtime service of another make: plain aiortc, its own idea of the protocol, nothing of ours.

It reads an offer as plain SDP only (415 otherwise), sends no `output_audio_buffer` event, names no
call, and puts nulls and fields of its own where clients hardly look.
"""

from __future__ import annotations

import json
from itertools import count
from typing import TYPE_CHECKING, Any

import httpx
import numpy as np
from aiortc.mediastreams import MediaStreamTrack
from dummy_far_end import FarEnd, ToneTrack
from dummy_faulty_service import FaultyService

if TYPE_CHECKING:
    from av import AudioFrame

LOUD = 1000
"""A peak that speech has."""

BEGINS = 5
"""Frames of speech that begin a turn."""

ENDS = 25
"""Frames of silence that end one."""

FRAMES_PER_WORD = 15


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


class NearGaFarEnd(FarEnd):
    """Answers every turn with its next line.

    Args:
        lines: what it says, in turn; the last one again and again.

    Attributes:
        received: the client's events.
        cut: how many frames were left of each reply that was cut.
    """

    def __init__(self, lines: list[str]) -> None:
        self.voice = SpokenTrack()
        super().__init__(self.voice)
        self.received: list[dict[str, Any]] = []
        self.cut: list[int] = []
        self._lines = lines
        self._numbers = count(1)
        self._made = 0
        self._loud = self._quiet = 0
        self._hears = False

    def _greet(self, channel) -> None:
        self.channel = channel
        channel.on("message", self._take)
        self._send("session.created", session={"id": None, "audio": None, "odd": [1]})

    def _take(self, text: str) -> None:
        event = json.loads(text)
        self.received.append(event)
        match event["type"]:
            case "session.update":
                self._send("session.updated", session=event["session"])
            case "response.create":
                self._reply()
            case "response.cancel":
                self._stop()

    def _reply(self) -> None:
        line = self._lines[min(self._made, len(self._lines) - 1)]
        self._made += 1
        response, item = f"resp-{self._made}", f"item-{self._made}"
        odd = {"id": response, "usage": None, "metadata": None, "max_output_tokens": None}
        self._send("response.created", response={**odd, "status": "in_progress", "output": []})
        at = {"response_id": response, "item_id": item, "output_index": 0, "content_index": 0}
        for word in line.split():
            self._send("response.output_audio_transcript.delta", delta=f"{word} ", **at)
        part = {"type": "output_audio", "transcript": line, "audio": None, "odd": 7}
        message = {
            "id": item,
            "type": "message",
            "role": "assistant",
            "phase": None,
            "content": [part],
        }
        done = {"status": "completed", "status_details": None, "output": [message]}
        self._send("response.done", response={**odd, **done})
        self.voice.left = FRAMES_PER_WORD * len(line.split())

    def _stop(self) -> None:
        if self.voice.left:
            self.cut.append(self.voice.left)
        self.voice.left = 0

    async def _keep(self, track: MediaStreamTrack) -> None:
        self.heard = _Listener(self._hear)
        await super()._keep(track)

    def _hear(self, frame: AudioFrame) -> None:
        loud = int(np.abs(frame.to_ndarray().astype(np.int32)).max()) > LOUD
        self._loud = self._loud + 1 if loud else 0
        self._quiet = 0 if loud else self._quiet + 1
        if not self._hears and self._loud == BEGINS:
            self._hears = True
            self._stop()
            self._send("input_audio_buffer.speech_started", item_id="heard", audio_start_ms=0)
        elif self._hears and self._quiet == ENDS:
            self._hears = False
            self._send("input_audio_buffer.speech_stopped", item_id="heard", audio_end_ms=500)
            self._reply()

    def _send(self, kind: str, **fields: Any) -> None:
        ident = f"number {next(self._numbers)}"
        event = {"type": kind, "event_id": ident, "extra": None, **fields}
        self.channel.send(json.dumps(event))


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

    def __init__(self, *lines: str) -> None:
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
