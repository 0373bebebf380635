"""A bot as many are written: between its callers and a model that speaks the Realtime API.

It takes Media Streams of Twilio, or raw audio over a WebSocket; the model has one tool.
"""

import asyncio
import base64
import json
import os
import sys

from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

MODEL = os.environ["OPENAI_BASE_URL"].replace("http", "ws", 1) + "/realtime?model=gpt-realtime-2.1"
TOOL = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather in a city.",
    "parameters": {"type": "object", "properties": {"location": {"type": "string"}}},
}


class Twilio:
    """Media Streams: G.711 as base64 in JSON."""

    form = "audio/pcmu"
    rate = None
    bytes_per_ms = 8

    def __init__(self, socket):
        self.socket = socket
        self.stream = ""

    async def heard(self):
        async for message in self.socket:
            told = json.loads(message)
            if told["event"] == "start":
                self.stream = told["streamSid"]
            elif told["event"] == "media":
                yield told["media"]["payload"]

    async def play(self, payload):
        for body in (
            {"event": "media", "media": {"payload": payload}},
            {"event": "mark", "mark": {"name": "part"}},
        ):
            await self.tell(body)

    async def clear(self):
        await self.tell({"event": "clear"})

    async def tell(self, body):
        await self.socket.send(json.dumps({**body, "streamSid": self.stream}))


class Raw:
    """16-bit samples of 24 kHz in binary messages."""

    form = "audio/pcm"
    rate = 24000
    bytes_per_ms = 48

    def __init__(self, socket):
        self.socket = socket

    async def heard(self):
        async for message in self.socket:
            yield base64.b64encode(message).decode()

    async def play(self, payload):
        await self.socket.send(base64.b64decode(payload))

    async def clear(self):
        await self.socket.send(json.dumps({"type": "clear"}))


class Bridge:
    """One call."""

    def __init__(self, phone, model):
        self.phone = phone
        self.model = model
        self.item = ""
        self.begun = self.sent = 0.0

    async def tell(self, kind, **fields):
        await self.model.send(json.dumps({"type": kind, **fields}))

    async def listen(self):
        async for payload in self.phone.heard():
            await self.tell("input_audio_buffer.append", audio=payload)

    async def speak(self):
        now = asyncio.get_running_loop().time
        async for message in self.model:
            told = json.loads(message)
            match told["type"]:
                case "response.output_audio.delta":
                    if told["item_id"] != self.item:
                        self.item, self.begun, self.sent = told["item_id"], now(), 0.0
                    size = len(base64.b64decode(told["delta"]))
                    self.sent += size / self.phone.bytes_per_ms / 1000
                    await self.phone.play(told["delta"])
                case "input_audio_buffer.speech_started":
                    played = now() - self.begun
                    if self.item and played < self.sent:
                        print("interrupted", flush=True)
                        await self.phone.clear()
                        cut = {"item_id": self.item, "content_index": 0}
                        cut["audio_end_ms"] = int(1000 * played)
                        await self.tell("conversation.item.truncate", **cut)
                    self.item = ""
                case "response.done":
                    await self.call_tools(told["response"]["output"])
                case "error":
                    print("error", told["error"], flush=True)

    async def call_tools(self, items):
        calls = [item for item in items if item["type"] == "function_call"]
        for call in calls:
            print("tool", call["name"], call["arguments"], flush=True)
            answer = {"type": "function_call_output", "call_id": call["call_id"]}
            answer["output"] = json.dumps({"sky": "sunny"})
            await self.tell("conversation.item.create", item=answer)
        if calls:
            await self.tell("response.create")


async def take(kind, socket):
    async with connect(MODEL, additional_headers={"Authorization": "Bearer any"}) as model:
        bridge = Bridge(kind(socket), model)
        form = {"type": kind.form} | ({"rate": kind.rate} if kind.rate else {})
        audio = {"input": {"format": form, "turn_detection": {"type": "server_vad"}}}
        audio["output"] = {"format": form, "voice": "ash"}
        session = {"type": "realtime", "output_modalities": ["audio"], "audio": audio}
        await bridge.tell("session.update", session={**session, "tools": [TOOL]})
        tasks = [asyncio.create_task(each()) for each in (bridge.listen, bridge.speak)]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()


async def main():
    kind = {"twilio": Twilio, "websocket": Raw}[sys.argv[2]]
    async with serve(lambda socket: take(kind, socket), "127.0.0.1", int(sys.argv[1])) as server:
        print("ready", flush=True)
        await server.serve_forever()


asyncio.run(main())
