"""Whole conversations with the unmodified official SDK: by WebSocket, by WebRTC, by a sideband.

Both sides speak, the assistant is interrupted, its backend calls a function, and the session is
closed. The peer of the WebRTC call is plain aiortc, as a program has it that knows nothing of us.
"""

from __future__ import annotations

import asyncio
import base64
import fractions
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import av
import numpy as np
import pytest
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from dummy_live_call import checked
from openai import AsyncOpenAI
from openai.types.live import LiveCreateResponse

from soundstage import LocalEndpoint
from soundstage.audio import peak
from soundstage.kernel import AsyncClock
from soundstage.speech import Engines
from soundstage.units import FRAME_BYTES, FRAME_SAMPLES, SAMPLE_RATE, samples_of_ms

pytestmark = [pytest.mark.realtime, pytest.mark.timeout(480)]

WITHIN = 300
"""Seconds that a conversation may take on a slow machine."""

PATIENCE = 600
"""Audio events without a word after which a line is said again: half a minute or a whole one."""

ANSWER = "It rains all day."
MISHEARD = "Pardon me?"
STORY = " ".join(f"Then came day {number} of the long journey." for number in range(1, 13))
BEHAVIOUR = f"""
[defaults.realtime.local]
otherwise = "{MISHEARD}"

[defaults.realtime.local.duplex]
backchannel = "never"

[[defaults.realtime.local.rules]]
heard = "weather"
call = [{{ tool = "weather", args = {{ city = "Paris" }} }}]

[[defaults.realtime.local.rules]]
tool = "weather"
say = "{ANSWER}"

[[defaults.realtime.local.rules]]
heard = "story"
say = "{STORY}"
"""
TOOL = {"type": "function", "name": "weather", "parameters": {"type": "object", "properties": {}}}
SESSION = {
    "model": "gpt-live-1.1",
    "delegation": {"type": "responses", "responses": {"model": "gpt-5.6", "tools": [TOOL]}},
}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[LocalEndpoint]:
    with LocalEndpoint(toml=BEHAVIOUR) as running:
        yield running


@pytest.fixture(scope="module")
def lines() -> dict[str, bytes]:
    synthesizer = Engines().synthesizer

    def say(text: str) -> bytes:
        parts = synthesizer.synthesize(text, synthesizer.voices[0])
        return b"".join(part.pcm for part in parts)

    question = say("How is the weather today?")
    return {"weather": question, "story": say("Please tell me a story."), "over": question * 2}


class Microphone(MediaStreamTrack):
    """What the user says, and silence where that is nothing; as a track or in pieces."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self.waiting = bytearray()
        self._ticks = AsyncClock().ticks()
        self._pts = 0

    def next(self, size: int = FRAME_BYTES) -> bytes:
        piece = bytes(self.waiting[:size]).ljust(size, b"\0")
        del self.waiting[:size]
        return piece

    async def recv(self) -> av.AudioFrame:
        await anext(self._ticks)
        samples = np.frombuffer(self.next(), np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate, frame.pts = SAMPLE_RATE, self._pts
        frame.time_base = fractions.Fraction(1, SAMPLE_RATE)
        self._pts += FRAME_SAMPLES
        return frame


class Conversation:
    """A user with three things to say, and the application that answers for the backend.

    Args:
        lines: their sounds.
        send: sends an event.
    """

    def __init__(
        self, lines: dict[str, bytes], send: Callable[[dict[str, Any]], Awaitable[None]]
    ) -> None:
        self.microphone = Microphone()
        self.said = self.heard = ""
        self.kinds: list[str] = []
        self.loudest = 0
        self.reason = ""
        self.over = asyncio.Event()
        self._lines = lines
        self._send = send
        self._line, self._misheard, self._quiet = "weather", 0, 0
        self.microphone.waiting += bytes(24_000) + lines["weather"]

    def hear(self, pcm: bytes) -> None:
        self.loudest = max(self.loudest, peak(pcm))

    async def follow(self, event: dict[str, Any]) -> None:
        kind = event["type"]
        self.kinds.append(kind)
        self._wait(kind)
        match kind:
            case "session.input_transcript.delta":
                self.heard += event["delta"]
            case "session.output_transcript.delta":
                self.said += event["delta"]
                await self._go_on()
            case "response.event":
                await self._answer(event["event"])
            case "session.output_audio.delta":
                self.hear(base64.b64decode(event["delta"]))
            case "session.closed":
                self.reason = event["reason"]
                self.over.set()

    def _wait(self, kind: str) -> None:
        """Say a line again that no one seems to have heard; audio events come ten times a second.

        A machine that is too busy for its audio loses some of it.
        """
        if kind in {"session.input_audio.append", "session.output_audio.delta"}:
            self._quiet += 1
        elif "transcript" in kind:
            self._quiet = 0
        if self._quiet > PATIENCE:
            self._quiet = 0
            self.microphone.waiting += self._lines[self._line]

    async def _answer(self, event: dict[str, Any]) -> None:
        item = event.get("item", {})
        if event["type"] == "response.output_item.done" and item["type"] == "function_call":
            output = {"call_id": item["call_id"], "output": "rain"}
            item = {"type": "function_call_output", **output}
            await self._send({"type": "response.item.create", "item": item})
            await self._send({"type": "response.create"})

    async def _go_on(self) -> None:
        # As people do, for the same reason.
        misheard = self.said.count(MISHEARD)
        if misheard > self._misheard:
            self._misheard = misheard
            self.microphone.waiting += self._lines[self._line]
        answers = self.said.count(ANSWER)
        step = {0: "", 1: "story"}.get(answers, "close")
        if "day 2" in self.said and answers == 1:
            step = "over"
        if step and step not in self.kinds:
            self.kinds.append(step)
            if step == "close":
                await self._send({"type": "session.close"})
            else:
                self._line = step
                self.microphone.waiting += self._lines[step]

    def check(self) -> None:
        """Everything that makes it a conversation has happened."""
        assert self.heard.lower().count("weather") >= 2, self.heard
        assert "story" in self.heard
        assert self.said.count(ANSWER) >= 2, self.said
        # Spoken over, it has fallen silent before the end of its story, and no event has said so.
        assert "day 2" in self.said
        assert "day 12" not in self.said, self.said
        assert self.kinds.count("session.delegation.created") >= 2
        assert self.loudest > 1000
        assert self.reason == "close_requested"
        assert self.kinds[-1] == "session.closed"
        assert "error" not in self.kinds


@asynccontextmanager
async def in_time(talk: Conversation) -> AsyncIterator[None]:
    """A conversation that takes too long fails, and tells how far it got."""
    try:
        async with asyncio.timeout(WITHIN):
            yield
    except TimeoutError:
        pytest.fail(f"not over in {WITHIN} s: heard {talk.heard!r}, said {talk.said!r}")


def client(endpoint: LocalEndpoint) -> AsyncOpenAI:
    return AsyncOpenAI(base_url=endpoint.base_url, api_key="any", max_retries=0)


@pytest.mark.prove  # as long as the others
def test_over_a_websocket(endpoint: LocalEndpoint, lines: dict[str, bytes]) -> None:
    async def scene() -> None:
        async with client(endpoint) as sdk, sdk.live.connect() as connection:
            talk = Conversation(lines, connection.send)

            async def speak() -> None:
                # From one beginning: the session's time is this microphone's, and one that only
                # waited between two pieces would make it as slow as the machine is.
                clock, piece = AsyncClock(), samples_of_ms(100)
                for number in itertools.count(1):
                    audio = base64.b64encode(talk.microphone.next(5 * FRAME_BYTES)).decode()
                    await connection.send({"type": "session.input_audio.append", "audio": audio})
                    await clock.sleep_until(number * piece)

            start = {"type": "session.start", "event_id": "mine", "session": SESSION}
            await connection.send(start)
            started = (await connection.recv()).to_dict()
            assert (started["type"], started["client_event_id"]) == ("session.started", "mine")
            speaking = asyncio.create_task(speak())
            try:
                async with in_time(talk):
                    # The session closes the socket, and not the client.
                    async for event in connection:
                        await talk.follow(event.to_dict())
            finally:
                speaking.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await speaking
            talk.check()

    asyncio.run(scene())


@asynccontextmanager
async def called(
    endpoint: LocalEndpoint, sdk: AsyncOpenAI, talk: Conversation
) -> AsyncIterator[tuple[LiveCreateResponse, Any, asyncio.Queue[str]]]:
    """A call that the SDK has made: what it was answered, its channel, and what comes on that."""
    peer, came = RTCPeerConnection(), asyncio.Queue[str]()
    channel = peer.createDataChannel("oai-events")
    channel.on("message", came.put_nowait)
    peer.addTrack(talk.microphone)
    listening: list[asyncio.Task[None]] = []

    async def listen(track: MediaStreamTrack) -> None:
        with suppress(Exception):
            while True:
                frame: Any = await track.recv()
                talk.hear(frame.to_ndarray().astype("<i2").tobytes())

    peer.on("track", lambda track: listening.append(asyncio.ensure_future(listen(track))))
    try:
        await peer.setLocalDescription(await peer.createOffer())
        offer = {"type": "webrtc", "sdp": peer.localDescription.sdp}
        made = await sdk.live.create(session=SESSION, transport=offer)
        assert made.transport.type == "webrtc"
        answer = RTCSessionDescription(made.transport.sdp, "answer")
        await peer.setRemoteDescription(answer)
        yield made, channel, came
    finally:
        await peer.close()
        for task in listening:
            task.cancel()
            await asyncio.wait([task])


@pytest.mark.prove  # the same call as by a sideband
def test_over_webrtc_by_its_channel(endpoint: LocalEndpoint, lines: dict[str, bytes]) -> None:
    async def scene() -> None:
        sent: list[Callable[[str], None]] = []

        async def send(event: dict[str, Any]) -> None:
            sent[0](json.dumps(event))

        talk = Conversation(lines, send)
        async with client(endpoint) as sdk, called(endpoint, sdk, talk) as (_, channel, came):
            sent.append(channel.send)
            async with in_time(talk):
                while not talk.over.is_set():
                    await talk.follow(checked(await came.get()))
            talk.check()
            assert "session.output_audio.delta" not in talk.kinds

    asyncio.run(scene())


def test_over_webrtc_by_a_sideband(endpoint: LocalEndpoint, lines: dict[str, bytes]) -> None:
    async def scene() -> None:
        connections: list[Any] = []

        async def send(event: dict[str, Any]) -> None:
            await connections[0].send(event)

        talk = Conversation(lines, send)
        async with client(endpoint) as sdk, called(endpoint, sdk, talk) as (made, _, came):
            sideband = sdk.live.sideband.connect(
                session_id=made.session.id, extra_query={"graceful_close": "true"}
            )
            async with sideband as connection, in_time(talk):
                connections.append(connection)
                async for event in connection:
                    await talk.follow(event.to_dict())
            talk.check()
            assert "session.input_audio.append" in talk.kinds
            told = [checked(came.get_nowait())["type"] for _ in range(came.qsize())]
            assert told[0] == "session.started"
            assert told[-1] == "session.closed"

    asyncio.run(scene())
