"""A bot that needs no speech: it answers what it hears with a tone, or breaks its call."""

import argparse
import asyncio
import json
import math
import os
import struct
import sys
import time

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

AUDIBLE = 400


def tone(seconds, rate):
    """A sine as signed 16 bit."""
    count = int(seconds * rate)
    samples = [int(9_000 * math.sin(2 * math.pi * 330 * n / rate)) for n in range(count)]
    return struct.pack(f"<{count}h", *samples)


class Call:
    """One call: waits after the caller has fallen silent, and answers."""

    def __init__(self, socket, given):
        self.socket = socket
        self.given = given
        self.answer = None

    async def hear(self, pcm):
        samples = struct.unpack(f"<{len(pcm) // 2}h", pcm)
        if max(map(abs, samples), default=0) < AUDIBLE:
            return
        if self.answer is not None:
            self.answer.cancel()
        self.answer = asyncio.create_task(self.say())

    async def say(self):
        await asyncio.sleep(self.given.wait)
        if self.given.then == "die":
            print("RuntimeError: the model is gone", flush=True)
            os._exit(7)
        if self.given.then == "raise":
            raise RuntimeError("the model is gone")
        if self.given.then == "hang up":
            await self.socket.close()
            return
        audio = tone(self.given.speaks, self.given.rate)
        await self.socket.send(audio)
        if self.given.then == "garbage":
            await self.socket.send(b"\xff" * 4001)
            for text in ("no JSON {", "[1]", '{"type": 7}', '{"type": null}'):
                await self.socket.send(text)
        if self.given.then == "clear":
            await asyncio.sleep(0.4)
            await self.socket.send(json.dumps({"type": "clear"}))
            await self.socket.send(json.dumps({"type": "cleared"}))
        if self.given.then == "bye":
            await self.socket.close()
        if self.given.then == "flood":
            for _ in range(2000):
                await self.socket.send(bytes(4_000_000))


async def take(given, socket):
    if given.then in {"deaf", "hang"}:
        time.sleep(600)  # noqa: ASYNC251 - it hangs
    if given.then == "die at once":
        os._exit(0)
    call = Call(socket, given)
    try:
        async for message in socket:
            if isinstance(message, bytes):
                await call.hear(message)
                if call.answer is not None and call.answer.done():
                    call.answer.result()
    except (ConnectionClosed, asyncio.CancelledError):
        pass


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--wait", type=float, default=0.5)
    parser.add_argument("--speaks", type=float, default=0.5)
    parser.add_argument("--rate", type=int, default=24_000)
    parser.add_argument("--then", default="")
    given = parser.parse_args()
    if given.then == "never ready":
        print("still loading", flush=True)
        await asyncio.sleep(600)
    if given.then == "floods its log":
        print("x" * 100 * 1000 * 1000, flush=True)
    if given.then == "garbles its log":
        os.write(1, bytes(range(256)) * 1000)
    if given.then == "late":
        await asyncio.sleep(1)
    if given.then == "slow":
        given.wait = 2.5
    if given.then == "stillborn":
        sys.exit("ImportError: no module named pipecat")
    async with serve(lambda socket: take(given, socket), "127.0.0.1", given.port) as server:
        print("ready", flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
