"""A bot behind Twilio: answers with a tone 500 ms after the caller, and hangs up on the key #."""

import asyncio
import base64
import json

from plain_bot import break_before_ready, break_down, options
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


async def say(socket, stream, given):
    await asyncio.sleep(given.wait)
    await break_call(socket, stream, given.then)
    tone = bytes([0x20 if n // 12 % 2 else 0xA0 for n in range(8000)])
    payload = base64.b64encode(tone).decode()
    for body in (
        {"event": "media", "media": {"payload": payload}},
        {"event": "mark", "mark": {"name": "end"}},
    ):
        await socket.send(json.dumps({**body, "streamSid": stream}))


async def take(socket, given):
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
                    answer = asyncio.create_task(say(socket, stream, given))
            case "dtmf":
                print("key", told["dtmf"]["digit"], flush=True)
                await socket.close()
            case other:
                print(other, json.dumps(told.get("mark", {})), flush=True)


async def main():
    given = options()
    break_before_ready(given.then)
    async with serve(lambda socket: take(socket, given), "127.0.0.1", given.port) as server:
        print("ready", flush=True)
        await server.serve_forever()


asyncio.run(main())
