"""A bot behind Twilio: answers with a tone 500 ms after the caller, and hangs up on the key #."""

import asyncio
import base64
import json
import sys

from websockets.asyncio.server import serve

LOUD = 0x60
"""Codes of G.711 whose lower seven bits are less are audible; silence is 0x7F."""


async def say(socket, stream):
    await asyncio.sleep(0.5)
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
