"""A stranger's client: the official SDK makes a call to the local endpoint."""

from __future__ import annotations

import asyncio
import random
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaBlackhole
from aiortc.mediastreams import MediaStreamTrack
from dummy_sdk_events import checked
from openai import APIStatusError, AsyncOpenAI

from soundstage.endpoint import CallPlan, EndpointServer, LocalSettings
from soundstage.realtime import Ids
from soundstage.speech import Engines

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

pytestmark = pytest.mark.realtime

SESSION: dict[str, Any] = {
    "type": "realtime",
    "model": "gpt-realtime-2.1",
    "audio": {
        "input": {
            "transcription": {"model": "gpt-transcribe"},
            "turn_detection": {"type": "server_vad", "silence_duration_ms": 500},
        }
    },
}


class Speech(MediaStreamTrack):
    """Says a sentence once, then is silent."""

    kind = "audio"

    def __init__(self, pcm: bytes) -> None:
        super().__init__()
        self._pcm = pcm
        self._sent = 0
        self._start = 0.0

    async def recv(self) -> av.AudioFrame:
        loop = asyncio.get_running_loop()
        self._start = self._start or loop.time()
        wait = self._start + self._sent / 24_000 - loop.time()
        await asyncio.sleep(max(0, wait))  # noqa: TID251 - a client has no kernel
        piece = self._pcm[self._sent * 2 : self._sent * 2 + 960].ljust(960, b"\0")
        samples = np.frombuffer(piece, np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 24_000, self._sent, Fraction(1, 24_000)
        self._sent += 480
        return frame


def keep(queue: asyncio.Queue[dict[str, Any]], text: str) -> None:
    queue.put_nowait(checked(text))


async def events_until(queue: asyncio.Queue[dict[str, Any]], last: str) -> list[dict[str, Any]]:
    seen: list[dict[str, Any]] = []
    async with asyncio.timeout(20):
        while not seen or seen[-1]["type"] != last:
            seen.append(await queue.get())
    return seen


def types(seen: Iterable[dict[str, Any]]) -> list[str]:
    return [event["type"] for event in seen]


async def serving() -> AsyncIterator[tuple[EndpointServer, AsyncOpenAI]]:
    local = LocalSettings.model_validate({"rules": [{"heard": "lazy dog", "say": "It jumped."}]})
    server = EndpointServer(
        lambda names: CallPlan(local=local, stream=random.Random),
        engines=Engines(),
        ids=Ids(random.Random(1)),
    )
    base_url = await server.start()
    async with AsyncOpenAI(base_url=base_url, api_key="sk-any", max_retries=0) as client:
        yield server, client
    await server.close()


async def a_spoken_turn() -> None:
    pcm = b"".join(
        part.pcm for part in Engines().synthesizer.synthesize("Who is the lazy dog?", "echo")
    )
    async for _, client in serving():
        peer = RTCPeerConnection()
        peer.addTrack(Speech(pcm))
        sink = MediaBlackhole()
        peer.on("track", sink.addTrack)
        channel = peer.createDataChannel("oai-events")
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        channel.on("message", partial(keep, queue))
        await peer.setLocalDescription(await peer.createOffer())
        call = await client.realtime.calls.create(
            sdp=peer.localDescription.sdp,
            session=SESSION,  # type: ignore[arg-type]
        )
        call_id = call.response.headers["location"].rpartition("/")[2]
        await peer.setRemoteDescription(RTCSessionDescription(call.text, "answer"))
        await sink.start()
        seen = await events_until(queue, "output_audio_buffer.stopped")
        assert types(seen)[0] == "session.created"
        told = {event["type"]: event for event in seen}
        heard = told["conversation.item.input_audio_transcription.completed"]
        assert "lazy dog" in heard["transcript"].lower()
        assert told["response.output_audio_transcript.done"]["transcript"] == "It jumped."
        assert told["response.done"]["response"]["status"] == "completed"
        assert call_id.startswith("rtc_")
        await client.realtime.calls.hangup(call_id)
        with pytest.raises(APIStatusError) as caught:
            await client.realtime.calls.hangup(call_id)
        assert caught.value.code == "call_id_not_found"
        await sink.stop()
        await peer.close()


def test_the_official_sdk_has_a_spoken_turn_with_the_endpoint() -> None:
    asyncio.run(a_spoken_turn())


async def a_broken_offer() -> None:
    async for _, client in serving():
        with pytest.raises(APIStatusError) as caught:
            await client.realtime.calls.create(sdp="this is no offer")
        assert (caught.value.status_code, caught.value.code) == (400, "invalid_offer")


def test_a_broken_offer_is_refused_as_the_service_does() -> None:
    asyncio.run(a_broken_offer())


async def a_secret() -> None:
    async for _, client in serving():
        secret = await client.realtime.client_secrets.create()
        assert secret.value.startswith("ek_")
        with pytest.raises(APIStatusError) as caught:
            await client.realtime.client_secrets.create(
                expires_after={"anchor": "created_at", "seconds": 5}
            )
        assert caught.value.status_code == 400


def test_an_ephemeral_key_can_be_had() -> None:
    asyncio.run(a_secret())
