"""Many clients at once, as a program of their own that prints what they saw, as JSON.

    python dummy_crowd.py talk BASE_URL --texts 200 --calls 20 --seconds 30
    python dummy_crowd.py visit BASE_URL --texts 1700 --calls 300

`talk`: text sessions over WebSockets have a turn every two seconds each, while calls over WebRTC
send packets that were encoded beforehand, and note when packets come, without decoding them.
`visit`: sessions are begun and ended, one in five without a goodbye.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import itertools
import statistics
from typing import Any

import httpx
import msgspec
import uvloop
from websockets.asyncio.client import ClientConnection, connect

from soundstage.audio import FrameCutter
from soundstage.kernel import AsyncClock
from soundstage.speech import Engines
from soundstage.units import (
    FRAME_SAMPLES,
    SAMPLE_RATE,
    SILENCE,
    Samples,
    samples_of_seconds,
    seconds_of,
)
from soundstage.webrtc import PeerLink
from soundstage.webrtc.opus import OpusEncoder

KEY = {"Authorization": "Bearer any"}
TEXT = {"type": "realtime", "output_modalities": ["text"]}
TURN_EVERY = samples_of_seconds(2)
SPEAKS_EVERY = 750
"""Frames: a caller says something every fifteen seconds."""


def packets() -> list[bytes]:
    """A sentence and silence after it, encoded."""
    parts = Engines().synthesizer.synthesize("Hello there, is anybody at home?", "ash")
    cutter = FrameCutter()
    frames = [frame for part in parts for frame in cutter.push(part.pcm)] + cutter.flush()
    frames += [SILENCE] * (SPEAKS_EVERY - len(frames))
    encoder = OpusEncoder()
    return [encoder.encode(frame) for frame in frames]


class Writer:
    """A text session: how long an event of it takes to be answered."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._clock = AsyncClock()
        self.trips: list[Samples] = []
        self.turns = 0

    async def begin(self) -> None:
        await self._until("session.created")
        await self._send(type="session.update", session=TEXT)
        await self._until("session.updated")

    async def run(self, offset: Samples, until: Samples) -> None:
        for number in itertools.count():
            due = offset + number * TURN_EVERY
            if due >= until:
                return
            await self._clock.sleep_until(due)
            await self._turn()

    async def _turn(self) -> None:
        part = {"type": "input_text", "text": "How are you?"}
        item = {"type": "message", "role": "user", "content": [part]}
        sent = self._clock.now()
        await self._send(type="conversation.item.create", item=item)
        await self._until("conversation.item.done")
        self.trips.append(self._clock.now() - sent)
        await self._send(type="response.create")
        done = await self._until("response.done")
        assert done["response"]["status"] == "completed", done
        self.turns += 1

    async def _send(self, **event: Any) -> None:
        await self._socket.send(msgspec.json.encode(event).decode())

    async def _until(self, kind: str) -> Any:
        async with asyncio.timeout(20):
            while True:
                event = msgspec.json.decode(await self._socket.recv())
                assert event["type"] != "error", event
                if event["type"] == kind:
                    return event


class Ear:
    """In a link's place of what decodes: notes when packets come."""

    concealed = dropped = late = 0

    def __init__(self, clock: AsyncClock) -> None:
        self._clock = clock
        self.came: list[Samples] = []

    def receive(self, header: Any, payload: bytes) -> None:
        self.came.append(self._clock.now())

    def take(self) -> bytes:
        return SILENCE


class Caller:
    """A call whose packets are ready."""

    def __init__(self, clock: AsyncClock) -> None:
        self.ear = Ear(clock)
        self.events: list[str] = []
        self._opened = asyncio.Event()
        self.link = PeerLink(
            on_open=self._opened.set, on_event=self._note, on_lost=self._lose, reach="loopback"
        )
        self.link._incoming = self.ear  # type: ignore[assignment]
        self.lost: Exception | None = None

    async def call(self, http: httpx.AsyncClient, base_url: str) -> None:
        offer = await self.link.offer()
        headers = {**KEY, "Content-Type": "application/sdp"}
        answer = await http.post(f"{base_url}/realtime/calls", content=offer, headers=headers)
        assert answer.status_code == 201, answer.text
        await self.link.accept(answer.text)
        async with asyncio.timeout(20):
            await self._opened.wait()

    async def run(self, ready: list[bytes], offset: int, until: Samples) -> None:
        path, clock = self.link._path, AsyncClock()
        assert path is not None
        for number in range(until // FRAME_SAMPLES):
            await clock.sleep_until(number * FRAME_SAMPLES)
            path.send(ready[(number + offset) % len(ready)], number * 2 * FRAME_SAMPLES)

    def _note(self, text: str | bytes) -> None:
        self.events.append(msgspec.json.decode(text)["type"])

    def _lose(self, error: Exception) -> None:
        self.lost = error


async def talk(base_url: str, texts: int, calls: int, seconds: float) -> dict[str, Any]:
    ready, clock, until = packets(), AsyncClock(), samples_of_seconds(seconds)
    url = base_url.replace("http", "ws", 1) + "/realtime?model=crowd"
    sockets = [await connect(url, additional_headers=KEY) for _ in range(texts)]
    writers = [Writer(socket) for socket in sockets]
    for writer in writers:
        await writer.begin()
    callers = [Caller(clock) for _ in range(calls)]
    async with httpx.AsyncClient(timeout=20) as http:
        for caller in callers:
            await caller.call(http, base_url)
    gc.collect()
    gc.freeze()
    step = TURN_EVERY // max(1, texts)
    speaks = SPEAKS_EVERY // max(1, calls)
    begun = clock.now()
    await asyncio.gather(
        *(writer.run(number * step, until) for number, writer in enumerate(writers)),
        *(caller.run(ready, number * speaks, until) for number, caller in enumerate(callers)),
    )
    lasted = clock.now() - begun
    found = {
        "turns": sum(writer.turns for writer in writers),
        **figures("trip", [trip for writer in writers for trip in writer.trips]),
        "lost": [str(caller.lost) for caller in callers if caller.lost],
        "spoken": sum(caller.events.count("response.done") for caller in callers),
        **pace([caller.ear for caller in callers], begun, begun + lasted),
    }
    await asyncio.gather(*(caller.link.close() for caller in callers))
    await asyncio.gather(*(socket.close() for socket in sockets))
    return found


def pace(ears: list[Ear], begun: Samples, ended: Samples) -> dict[str, Any]:
    """How even the packets came while everybody was at it."""
    if not ears:
        return {}
    came = [[at for at in ear.came if begun <= at < ended] for ear in ears]
    gaps = [after - before for one in came for before, after in itertools.pairwise(one)]
    share = min(len(one) for one in came) * FRAME_SAMPLES / (ended - begun)
    return {"packets_share": round(share, 4), **figures("gap", gaps)}


def figures(name: str, values: list[Samples]) -> dict[str, Any]:
    """Milliseconds: the median, the 99th percentile and the longest."""
    if not values:
        return {}
    ordered = sorted(1000 * value / SAMPLE_RATE for value in values)
    return {
        f"{name}_median": round(statistics.median(ordered), 2),
        f"{name}_p99": round(ordered[int(len(ordered) * 0.99)], 2),
        f"{name}_max": round(ordered[-1], 2),
    }


async def visit(base_url: str, texts: int, calls: int, seconds: float) -> dict[str, Any]:
    del seconds
    url = base_url.replace("http", "ws", 1) + "/realtime?model=crowd"
    clock = AsyncClock()

    async def write(number: int) -> None:
        socket = await connect(url, additional_headers=KEY)
        await Writer(socket).begin()
        if number % 5:
            await socket.close()
        else:
            socket.transport.abort()
            await socket.wait_closed()

    async def call(number: int) -> None:
        caller = Caller(clock)
        async with httpx.AsyncClient(timeout=20) as http:
            await caller.call(http, base_url)
        if number % 5:
            await caller.link.close()
        else:
            await caller.link._connection.sctp.transport.transport.stop()
            await caller.link.close()

    await in_waves(write, texts, 20)
    await in_waves(call, calls, 4)
    return {"visits": texts + calls, "seconds": round(seconds_of(clock.now()), 1)}


async def in_waves(one: Any, count: int, wide: int) -> None:
    for first in range(0, count, wide):
        await asyncio.gather(*(one(number) for number in range(first, min(count, first + wide))))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["talk", "visit"])
    parser.add_argument("base_url")
    parser.add_argument("--texts", type=int, default=200)
    parser.add_argument("--calls", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=30)
    given = parser.parse_args()
    what = talk if given.what == "talk" else visit
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(what(given.base_url, given.texts, given.calls, given.seconds))
    print(msgspec.json.encode(found).decode())


if __name__ == "__main__":
    main()
