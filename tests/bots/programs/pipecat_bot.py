"""A bot that speaks Pipecat's protobuf frames, by hand: it answers what it hears with a tone.

The same contract is held by real bots of Pipecat, in `test_pipecat_bots.py`.
"""

import asyncio
import json

from plain_bot import Answers, break_before_ready, break_down, is_audible, options
from protobuf_by_hand import field, fields
from websockets.asyncio.server import serve


def rtvi(kind, **data):
    text = json.dumps({"label": "rtvi-ai", "type": kind, "data": data})
    return field(4, field(1, text.encode()))


class Call:
    """One call: answers when its caller has fallen silent, and is interrupted by what it hears."""

    def __init__(self, socket, given):
        self.socket = socket
        self.given = given
        self.answer = None
        self.speaks = False
        self.heard = 0
        self.answers = Answers(given, given.rate)

    async def take(self, frame):
        if 4 in frame:
            told = json.loads(fields(frame[4])[1])
            print(told["type"], flush=True)
            if told["type"] == "client-ready":
                await self.socket.send(rtvi("bot-ready", version=self.given.version))
        if 2 in frame:
            await self.hear(fields(frame[2]))

    async def hear(self, audio):
        assert (audio[4], audio[5], len(audio[3])) == (16_000, 1, 640)
        if not is_audible(audio[3]):
            self.heard = 0
            return
        self.heard += 1
        if self.speaks and self.heard > 10:
            self.speaks = False
            await self.socket.send(rtvi("bot-interrupted") + field(5, b""))
        if self.answer is not None:
            self.answer.cancel()
        self.answer = asyncio.create_task(self.say())

    def frame_of(self, audio):
        shape = field(4, self.given.rate) + field(5, self.given.channels)
        return field(2, field(3, audio) + shape)

    async def say(self):
        await asyncio.sleep(self.given.wait)
        break_down(self.given.then)
        if self.given.then == "raise":
            await self.socket.close(1011, "the model is gone")
            return
        while self.given.then == "flood":
            await self.socket.send(self.frame_of(bytes(4_000_000)))
        while self.given.then == "text flood":
            await self.socket.send(rtvi("server-message", text="x" * 200))
        if self.given.then == "never reads":
            self.socket.transport.pause_reading()
        await self.socket.send(field(1, field(3, b"Good day.")))
        audio, asks = self.answers.following()
        if asks:
            await self.socket.send(rtvi("llm-function-call-started", function_name="look"))
        await self.socket.send(self.frame_of(audio))
        self.speaks = True
        if self.given.then == "garbage":
            await self.socket.send(b"\x0f" * 40)
        if self.given.then == "bye":
            await self.socket.close()


async def take(socket, given):
    call = Call(socket, given)
    async for message in socket:
        await call.take(fields(message))


async def main():
    given = options(channels=1, version="2.2.0")
    break_before_ready(given.then)
    async with serve(lambda socket: take(socket, given), "127.0.0.1", given.port) as server:
        print("ready", flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
