"""A bot that takes offers as Pipecat's SmallWebRTC does, of plain aiortc: it answers with a tone.

The same contract is held by real bots of Pipecat, in `test_pipecat_bots.py`.
"""

import asyncio
import fractions
import json
import time

from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame, AudioResampler
from plain_bot import Answers, break_before_ready, break_down, is_audible, options

RATE = 48_000
PIECE = RATE // 100


class Voice(MediaStreamTrack):
    """10 ms a time, paced, with silence where there is nothing to say: as Pipecat's own track."""

    kind = "audio"

    def __init__(self):
        super().__init__()
        self.waiting = b""
        self.begun = None
        self.number = 0

    async def recv(self):
        if self.begun is None:
            self.begun = time.monotonic()
        await asyncio.sleep(max(0, self.begun + self.number * 0.01 - time.monotonic()))
        piece, self.waiting = self.waiting[: 2 * PIECE], self.waiting[2 * PIECE :]
        frame = AudioFrame(format="s16", layout="mono", samples=PIECE)
        frame.planes[0].update(piece.ljust(2 * PIECE, b"\0"))
        frame.pts, frame.sample_rate = self.number * PIECE, RATE
        frame.time_base = fractions.Fraction(1, RATE)
        self.number += 1
        return frame


class Call:
    """One call: answers when its caller has fallen silent, and is interrupted by what it hears."""

    def __init__(self, given):
        self.given = given
        self.connection = RTCPeerConnection()
        self.voice = Voice()
        self.channel = None
        self.tasks = []
        self.answer = None
        self.heard = 0
        self.answers = Answers(given, RATE)
        self.connection.on("datachannel", self.attach)
        self.connection.on("track", lambda track: self.begin(self.listen(track)))

    def begin(self, work):
        self.tasks.append(asyncio.create_task(work))

    def attach(self, channel):
        self.channel = channel
        channel.on("message", self.take)

    def tell(self, kind, **data):
        self.channel.send(json.dumps({"label": "rtvi-ai", "type": kind, "data": data}))

    def take(self, message):
        told = json.loads(message)
        print(told["type"], json.dumps(told.get("data", {})), flush=True)
        if told["type"] == "client-ready":
            self.tell("bot-ready", version=self.given.version)

    async def take_offer(self, body):
        print("offer", json.dumps(body.get("request_data")), flush=True)
        await self.connection.setRemoteDescription(RTCSessionDescription(body["sdp"], "offer"))
        self.connection.addTrack(self.voice)
        await self.connection.setLocalDescription(await self.connection.createAnswer())
        return {"sdp": self.connection.localDescription.sdp, "type": "answer", "pc_id": "1"}

    async def listen(self, track):
        resampler = AudioResampler(format="s16", layout="mono", rate=16_000)
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            for each in resampler.resample(frame):
                self.hear(bytes(each.planes[0])[: 2 * each.samples])

    def hear(self, pcm):
        if not is_audible(pcm):
            self.heard = 0
            return
        self.heard += 1
        if self.voice.waiting and self.heard > 10:
            self.voice.waiting = b""
            self.tell("bot-interrupted")
        if self.answer is not None:
            self.answer.cancel()
        self.answer = asyncio.create_task(self.say())

    async def say(self):
        await asyncio.sleep(self.given.wait)
        break_down(self.given.then)
        while self.given.then in {"flood", "text flood"}:
            for _ in range(200):
                self.tell("server-message", text="x" * 200)
            await asyncio.sleep(0.01)
        if self.given.then == "bye":
            self.channel.send(json.dumps({"type": "signalling", "message": {"type": "peerLeft"}}))
        if self.given.then in {"bye", "close"}:
            await self.connection.close()
            return
        audio, asks = self.answers.following()
        if asks:
            self.tell("llm-function-call-started", function_name="look")
        self.tell("bot-started-speaking")
        self.voice.waiting = audio


async def serve(given, calls, reader, writer):
    """HTTP, as much of it as an offer needs."""
    method, path, _ = (await reader.readline()).decode().split()
    length = 0
    while line := (await reader.readline()).strip():
        name, _, value = line.partition(b":")
        length = int(value) if name.lower() == b"content-length" else length
    body = json.loads(await reader.readexactly(length) or b"{}")
    status, answer = "404 Not Found", {"detail": "Not Found"}
    if (method, path) == ("POST", "/start"):
        print("start", json.dumps(body), flush=True)
        status, answer = "200 OK", {"sessionId": "a/b"}
    elif given.then == "raise":
        status, answer = "500 Internal Server Error", {"detail": "the model is gone"}
    elif method == "POST" and path in {"/api/offer", "/sessions/a%2Fb/api/offer"}:
        calls.append(Call(given))
        status, answer = "200 OK", await calls[-1].take_offer(body)
    text = json.dumps("no JSON object" if given.then == "garbage" else answer).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(text)}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode() + text)
    await writer.drain()
    writer.close()


async def main():
    given = options(version="2.2.0")
    break_before_ready(given.then)
    calls = []
    server = await asyncio.start_server(
        lambda reader, writer: serve(given, calls, reader, writer), "127.0.0.1", given.port
    )
    print("ready", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
