"""A bot that needs no speech: it answers what it hears with a tone, or breaks its call."""

import asyncio
import json
import os
import time

from plain_bot import Answers, break_before_ready, break_down, is_audible, options
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed


class Call:
    """One call: waits after the caller has fallen silent, and answers."""

    def __init__(self, socket, given):
        self.socket = socket
        self.given = given
        self.answer = None
        self.answers = Answers(given, given.rate)
        self.heard = 0
        self.until = 0.0

    async def hear(self, pcm):
        if not is_audible(pcm):
            self.heard = 0
            return
        self.heard += 1
        if self.given.then == "six" and self.heard > 10 and time.monotonic() < self.until:
            self.until = 0.0
            await self.socket.send(json.dumps({"type": "clear"}))
            print("interrupted", flush=True)
        if self.answer is not None:
            self.answer.cancel()
        self.answer = asyncio.create_task(self.say())

    async def say(self):
        await asyncio.sleep(self.given.wait)
        if self.given.then != "hang":  # which it does before it takes the call
            break_down(self.given.then)
        if self.given.then == "raise":
            raise RuntimeError("the model is gone")
        if self.given.then == "hang up":
            await self.socket.close()
            return
        while self.given.then == "text flood":
            await self.socket.send("x" * 200)
        if self.given.then == "never reads":
            self.socket.transport.pause_reading()
        audio, asks = self.answers.following()
        if asks:
            await self.socket.send(json.dumps({"type": "tool", "name": "look"}))
        self.until = time.monotonic() + len(audio) / 2 / self.given.rate
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
    break_down(given.then if given.then == "hang" else "")
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
    given = options()
    break_before_ready(given.then)
    async with serve(lambda socket: take(given, socket), "127.0.0.1", given.port) as server:
        print("ready", flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
