"""A bot behind Twilio: answers with a tone 500 ms after the caller, and hangs up on the key #."""

import asyncio
import base64
import json
import os
import sys
import time

from websockets.asyncio.server import serve

LOUD = 0x60
"""Codes of G.711 whose lower seven bits are less are audible; silence is 0x7F."""


THEN = sys.argv[2].partition("=")[2] if sys.argv[2:] else ""


async def break_down(socket, stream):
    """What the bot does in place of an answer, or before it."""
    if THEN == "die":
        print("RuntimeError: the model is gone", flush=True)
        os._exit(7)
    if THEN == "raise":
        await socket.close(1011, "the model is gone")
    if THEN == "hang":
        time.sleep(600)  # noqa: ASYNC251 - it hangs
    if THEN == "garbage":
        await socket.send('{"event": "media", "streamSid": "' + stream + '", "media": 7}')
    if THEN == "flood":
        payload = base64.b64encode(bytes(3_000_000)).decode()
        flood = {"event": "media", "media": {"payload": payload}, "streamSid": stream}
        while True:
            await socket.send(json.dumps(flood))


async def say(socket, stream):
    await asyncio.sleep(2.5 if THEN == "slow" else 0.5)
    await break_down(socket, stream)
    tone = bytes([0x20 if n // 12 % 2 else 0xA0 for n in range(8000)])
    payload = base64.b64encode(tone).decode()
    for body in (
        {"event": "media", "media": {"payload": payload}},
        {"event": "mark", "mark": {"name": "end"}},
    ):
        await socket.send(json.dumps({**body, "streamSid": stream}))


async def take(socket):
    stream, answer = "", None
    async for message in socket:
        told = json.loads(message)
        match told["event"]:
            case "start":
                stream = told["streamSid"]
                print("start", json.dumps(told["start"]["customParameters"]), flush=True)
            case "media":
                codes = base64.b64decode(told["media"]["payload"])
                if min(code & 0x7F for code in codes) < LOUD:
                    if answer is not None:
                        answer.cancel()
                    answer = asyncio.create_task(say(socket, stream))
            case "dtmf":
                print("key", told["dtmf"]["digit"], flush=True)
                await socket.close()
            case other:
                print(other, json.dumps(told.get("mark", {})), flush=True)


async def main():
    async with serve(take, "127.0.0.1", int(sys.argv[1])) as server:
        print("ready", flush=True)
        await server.serve_forever()


asyncio.run(main())
