"""A bot that speaks Pipecat's protobuf frames, by hand: it answers what it hears with a tone.

Its frames are written without the product's own code, so that a slip there is seen. The same
contract is held by real bots of Pipecat, in `test_pipecat_bots.py`.
"""

import argparse
import asyncio
import json
import math
import struct

from websockets.asyncio.server import serve

AUDIBLE = 400


def varint(value):
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def fields(data):
    found, at = {}, 0

    def number():
        nonlocal at
        value = shift = 0
        while True:
            byte, at = data[at], at + 1
            value, shift = value | (byte & 127) << shift, shift + 7
            if byte < 128:
                return value

    while at < len(data):
        key = number()
        size = number()
        if key & 7 == 2:
            found[key >> 3], at = data[at : at + size], at + size
        else:
            found[key >> 3] = size
    return found


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
        samples = struct.unpack("<320h", audio[3])
        if max(map(abs, samples)) < AUDIBLE:
            self.heard = 0
            return
        self.heard += 1
        if self.speaks and self.heard > 10:
            self.speaks = False
            await self.socket.send(rtvi("bot-interrupted") + field(5, b""))
        if self.answer is not None:
            self.answer.cancel()
        self.answer = asyncio.create_task(self.say())

    async def say(self):
        await asyncio.sleep(self.given.wait)
        rate = self.given.rate
        count = int(self.given.speaks * rate)
        wave = [int(9_000 * math.sin(2 * math.pi * 330 * n / rate)) for n in range(count)]
        body = field(3, struct.pack(f"<{count}h", *wave)) + field(4, rate)
        await self.socket.send(field(1, field(3, b"Good day.")))
        await self.socket.send(field(2, body + field(5, self.given.channels)))
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
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--wait", type=float, default=0.5)
    parser.add_argument("--speaks", type=float, default=0.5)
    parser.add_argument("--rate", type=int, default=24_000)
    parser.add_argument("--channels", type=int, default=1)
    parser.add_argument("--version", default="2.2.0")
    parser.add_argument("--then", default="")
    given = parser.parse_args()
    async with serve(lambda socket: take(socket, given), "127.0.0.1", given.port) as server:
        print("ready", flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
