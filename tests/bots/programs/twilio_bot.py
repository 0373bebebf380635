"""A bot behind Twilio: answers with a tone 500 ms after the caller, and hangs up on the key #."""

import asyncio
import base64
import json

from plain_bot import Answers, break_before_ready, break_down, options
from websockets.asyncio.server import serve

LOUD = 0x60
"""Codes of G.711 whose lower seven bits are less are audible; silence is 0x7F."""


async def break_call(socket, stream, then):
    """What the bot does in place of an answer, or before it."""
    break_down(then)
    if then == "raise":
        await socket.close(1011, "the model is gone")
    if then == "never reads":
        socket.transport.pause_reading()
    while then == "text flood":
        mark = {"event": "mark", "mark": {"name": "end"}, "streamSid": stream}
        await socket.send(json.dumps(mark))
    if then == "garbage":
        await socket.send('{"event": "media", "streamSid": "' + stream + '", "media": 7}')
    if then == "flood":
        payload = base64.b64encode(bytes(3_000_000)).decode()
        flood = {"event": "media", "media": {"payload": payload}, "streamSid": stream}
        while True:
            await socket.send(json.dumps(flood))


class Call:
    """One call: answers when its caller has fallen silent, and is interrupted by what it hears."""

    def __init__(self, socket, given):
        self.socket = socket
        self.given = given
        self.stream = ""
        self.answer = None
        self.answers = Answers(given, 8000)
        self.heard = 0
        self.speaks = False

    async def send(self, event, **body):
        await self.socket.send(json.dumps({"event": event, "streamSid": self.stream, **body}))

    async def hear(self, codes):
        if min(code & 0x7F for code in codes) >= LOUD:
            self.heard = 0
            return
        self.heard += 1
        if self.speaks and self.heard > 10:
            self.speaks = False
            print("interrupted", flush=True)
            await self.send("clear")
        if self.answer is not None:
            self.answer.cancel()
        self.answer = asyncio.create_task(self.say())

    async def say(self):
        await asyncio.sleep(self.given.wait)
        await break_call(self.socket, self.stream, self.given.then)
        audio, asks = self.answers.following()
        if asks:
            print("tool look", flush=True)
        tone = bytes([0x20 if n // 12 % 2 else 0xA0 for n in range(len(audio) // 2)])
        self.speaks = True
        await self.send("media", media={"payload": base64.b64encode(tone).decode()})
        await self.send("mark", mark={"name": "end"})

    async def take(self, told):
        match told["event"]:
            case "start":
                self.stream = told["streamSid"]
                print("start", json.dumps(told["start"]["customParameters"]), flush=True)
            case "media":
                await self.hear(base64.b64decode(told["media"]["payload"]))
            case "dtmf":
                print("key", told["dtmf"]["digit"], flush=True)
                await self.socket.close()
            case other:
                self.speaks = False if other == "mark" else self.speaks
                print(other, json.dumps(told.get("mark", {})), flush=True)


async def take(socket, given):
    call = Call(socket, given)
    async for message in socket:
        await call.take(json.loads(message))


async def main():
    given = options(speaks=1.0)
    break_before_ready(given.then)
    async with serve(lambda socket: take(socket, given), "127.0.0.1", given.port) as server:
        print("ready", flush=True)
        await server.serve_forever()


asyncio.run(main())
