"""The other end of a call, of plain aiortc and nothing of ours, and the HTTP it is called by."""

from __future__ import annotations

import asyncio
import json
import re
from email import message_from_bytes
from email.policy import HTTP

import httpx
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame
from dummy_frame_track import FrameTrack
from dummy_tone import tone

from soundstage.kernel import AsyncClock
from soundstage.units import FRAME_SAMPLES, FRAMES_PER_SECOND
from soundstage.webrtc._internals import leftover_tasks

CALL = "rtc_u0_dummy"
KEY = "sk-planted-0123456789abcdef"


class Pace:
    """Numbers on the absolute 20 ms pace, for so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._frames = round(seconds * FRAMES_PER_SECOND)

    async def __aiter__(self):
        clock = AsyncClock()
        for number in range(self._frames):
            await clock.sleep_until(number * FRAME_SAMPLES)
            yield number


class ToneTrack(FrameTrack):
    """A sine as any aiortc program would send it."""

    def __init__(self, hertz: float = 440.0) -> None:
        super().__init__(lambda number: tone(number, hertz))


class MuteTrack(MediaStreamTrack):
    """A track that is promised and never yields."""

    kind = "audio"

    async def recv(self) -> AudioFrame:
        return await asyncio.get_running_loop().create_future()


class FarEnd:
    """Answers one call with plain aiortc.

    Attributes:
        heard: 48 kHz frames that came.
        events: messages that came.
        hung_up: calls that were hung up, by id.
        requests: every HTTP request.
    """

    def __init__(self, track: MediaStreamTrack | None = None, *, mends=lambda answer: answer):
        self.heard: list[AudioFrame] = []
        self.events: list[str] = []
        self.hung_up: list[str] = []
        self.requests: list[httpx.Request] = []
        self.parts: dict[str, tuple[str, bytes]] = {}
        self.connection: RTCPeerConnection | None = None
        self.channel = None
        self.deaf = False
        self._track = track
        self._mends = mends
        self._readers: list[asyncio.Task[None]] = []

    async def answer(self, offer: str) -> str:
        """The SDP answer to an offer, mended as the test wants it."""
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.connection.on("track", self._read)
        self.connection.on("datachannel", self._greet)
        self.connection.addTrack(self._track or ToneTrack())
        await self.connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        if self.deaf:
            self.connection.sctp.start = _never_start
        await self.connection.setLocalDescription()
        return self._mends(self.connection.localDescription.sdp)

    async def handle(self, request: httpx.Request) -> httpx.Response:
        """What an endpoint's HTTP door does, for `httpx.MockTransport`."""
        self.requests.append(request)
        if request.url.path.endswith("/hangup"):
            self.hung_up.append(request.url.path.split("/")[-2])
            return httpx.Response(200)
        if request.url.path.endswith("/client_secrets"):
            return httpx.Response(200, json={"value": "ek_dummy", "expires_at": 1})
        self.parts = parts_of(request)
        offer = self.parts["sdp"][1].decode()
        headers = {"Location": f"/v1/realtime/calls/{CALL}"}
        return httpx.Response(201, text=await self.answer(offer), headers=headers)

    def die(self) -> None:
        """Vanish, as a process that is killed does: nothing is sent any more."""
        for protocol in self.connection.sctp.transport.transport._connection._protocols:
            protocol.transport.abort()

    async def close(self) -> None:
        if self.connection is not None:
            await self.connection.close()
            while tasks := leftover_tasks(self.connection):
                tasks[0].cancel()
                await asyncio.wait(tasks[:1])
        for reader in self._readers:
            reader.cancel()
            await asyncio.wait([reader])

    def _read(self, track: MediaStreamTrack) -> None:
        self._readers.append(asyncio.create_task(self._keep(track)))

    async def _keep(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                self.heard.append(await track.recv())
        except MediaStreamError:
            return

    def _greet(self, channel) -> None:
        self.channel = channel
        channel.on("message", self.events.append)
        channel.send('{"type":"session.created"}')


async def _never_start(*_: object) -> None:
    """In place of SCTP's start: the connection is up, and no channel opens."""


def parts_of(request: httpx.Request) -> dict[str, tuple[str, bytes]]:
    """Content type and bytes of each part of a body; a body in one piece counts as `sdp`."""
    kind = request.headers["content-type"]
    if not kind.startswith("multipart/"):
        return {"sdp": (kind, request.content)}
    header = b"Content-Type: " + kind.encode() + b"\r\n\r\n"
    parts = message_from_bytes(header + request.content, policy=HTTP).iter_parts()
    raw = dict(re.findall(rb'name="(\w+)".*?\r\n\r\n(.*?)\r\n--', request.content, re.DOTALL))
    return {
        name: (part.get_content_type(), raw[name.encode()])
        for part in parts
        if (name := part.get_param("name", header="content-disposition"))
    }


def refuse(status: int, body: object) -> httpx.MockTransport:
    """An endpoint that answers everything with one error."""
    text = body if isinstance(body, str) else json.dumps(body)
    return httpx.MockTransport(lambda _: httpx.Response(status, text=text))
