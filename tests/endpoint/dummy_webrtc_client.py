"""A client over WebRTC that is not ours: aiortc for the media, the official SDK for HTTP."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from dummy_frame_track import FrameTrack
from dummy_sdk_events import checked

from soundstage.audio import FrameCutter, Resampler, to_pcm
from soundstage.kernel import AsyncClock
from soundstage.units import FRAME_SAMPLES, SAMPLE_RATE, SILENCE

if TYPE_CHECKING:
    from openai import AsyncOpenAI

SESSION: dict[str, Any] = {
    "type": "realtime",
    "model": "gpt-realtime-2.1",
    "audio": {
        "input": {
            "turn_detection": {"type": "server_vad", "silence_duration_ms": 500},
            "transcription": {"model": "gpt-transcribe"},
        },
        "output": {"voice": "shimmer"},
    },
}


class SpokenTrack(FrameTrack):
    """A track that says what it is given, and is silent otherwise."""

    def __init__(self) -> None:
        super().__init__(lambda _: self._frames.pop(0) if self._frames else SILENCE)
        self._frames: list[bytes] = []

    def say(self, pcm: bytes) -> None:
        cutter = FrameCutter()
        self._frames += [*cutter.push(pcm), *cutter.flush()]


class WebRtcClient:
    """One call, placed by the official SDK.

    Attributes:
        events: what came over the channel, in order, each with its time in samples, and each
            valid by the SDK's own models.
    """

    def __init__(self, client: AsyncOpenAI, *, channel: bool = True) -> None:
        self.events: list[dict[str, Any]] = []
        self.call_id = ""
        self.track = SpokenTrack()
        self._client = client
        self._clock = AsyncClock()
        self._heard: list[np.ndarray] = []
        self._resampler = Resampler(48_000, SAMPLE_RATE)
        self._news = asyncio.Event()
        self._listening: asyncio.Task[None] | None = None
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._peer.addTrack(self.track)
        self._peer.on("track", self._listen)
        self._channel = self._peer.createDataChannel("oai-events") if channel else None
        if self._channel is not None:
            self._channel.on("message", self._take)

    async def offer(self) -> str:
        await self._peer.setLocalDescription()
        return self._peer.localDescription.sdp

    async def call(self, session: dict[str, Any] | None = None) -> None:
        answer = await self._client.realtime.calls.create(
            sdp=await self.offer(), session=session or SESSION
        )
        location = answer.response.headers["location"]
        assert location.startswith("/v1/realtime/calls/rtc_")
        self.call_id = location.rpartition("/")[2]
        await self.accept(answer.text)

    async def accept(self, answer: str) -> None:
        await self._peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    def send(self, event: str, **fields: Any) -> None:
        self._channel.send(json.dumps({"type": event, **fields}))

    async def wait_for(self, kind: str, number: int = 1) -> dict[str, Any]:
        """The nth event of this type."""
        async with asyncio.timeout(20):
            while len(self.all(kind)) < number:
                self._news.clear()
                await self._news.wait()
        return self.all(kind)[number - 1]

    def all(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["type"] == kind]

    async def wait_for_state(self, state: str) -> None:
        async with asyncio.timeout(20):
            while self._peer.connectionState != state:
                await self._clock.sleep(FRAME_SAMPLES)

    async def wait_for_channel(self, state: str) -> None:
        async with asyncio.timeout(20):
            while self._channel.readyState != state:
                await self._clock.sleep(FRAME_SAMPLES)

    def hear(self) -> bytes:
        """What has been heard since the last time."""
        heard, self._heard = self._heard, []
        return b"".join(to_pcm(samples) for samples in heard)

    async def leave(self) -> None:
        await self._peer.close()
        if self._listening is not None:
            # aiortc's track of a call that never was connected waits for good.
            self._listening.cancel()
            await asyncio.wait([self._listening])

    def _take(self, message: str) -> None:
        self.events.append({"at": self._clock.now(), **checked(message)})
        self._news.set()

    def _listen(self, track: MediaStreamTrack) -> None:
        async def listen() -> None:
            try:
                while True:
                    frame = await track.recv()
                    left = frame.to_ndarray()[0, ::2].astype(np.float32) / 32768
                    self._heard.append(self._resampler.push(left))
            except MediaStreamError:
                pass

        self._listening = asyncio.ensure_future(listen())
