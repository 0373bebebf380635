"""The files of a bot that runs without a key, its scenario, and its test."""

from __future__ import annotations

from string import Template
from typing import Final

SCENARIO: Final = Template("""\
# Run it: run-scenario $name.toml

[scenario]
name = "$title"
description = "A caller talks to a bot of your own, which runs as a server."

[servers.bot]
command = ["{python}", "bot.py", "{port}"]
ready = { log = "ready" }

[agents.bot]
kind = "bot"                        # what is tested
server = "bot"
transport = "$transport"
url = "ws://127.0.0.1:{port}/"
$keys
[agents.caller]
kind = "scripted"
voice = "ash"
lines = ["Hello, are you there?", "Thank you, goodbye."]

[[links]]
between = ["caller", "bot"]

[end]
silence = "4s"
max = "1m"
""")

TEST: Final = Template('''\
"""How $name.toml must go; a bot keeps the wall clock."""

from pathlib import Path

SCENARIO = Path(__file__).with_name("$name.toml")


def test_the_bot_answers_each_line(run_scenario):
    run = run_scenario(SCENARIO, clock="wall")
    assert run.outcome == "ended"
    assert run.metrics["bot"].talk_time > 0.5
''')

_HEAD: Final = '''\
"""A bot that needs no key: it answers with a tone when its caller has fallen silent.

Put your own speech recognition, model and voice where `answer` is.
"""

import asyncio
'''

WEBSOCKET: Final = (
    _HEAD
    + '''\
import math
import struct
import sys

from websockets.asyncio.server import serve

RATE = 16000
LOUD = 500


def answer():
    """Half a second of a tone: what the bot says."""
    samples = [int(9000 * math.sin(2 * math.pi * 330 * n / RATE)) for n in range(RATE // 2)]
    return struct.pack(f"<{len(samples)}h", *samples)


async def say(socket):
    await asyncio.sleep(0.7)  # so much silence ends a turn
    await socket.send(answer())


async def call(socket):
    turn = None
    async for pcm in socket:
        samples = struct.unpack(f"<{len(pcm) // 2}h", pcm)
        if max(map(abs, samples), default=0) > LOUD:
            if turn is not None:
                turn.cancel()
            turn = asyncio.create_task(say(socket))


async def main():
    async with serve(call, "127.0.0.1", int(sys.argv[1])) as server:
        print("ready", flush=True)
        await server.serve_forever()


asyncio.run(main())
'''
)

TWILIO: Final = (
    _HEAD
    + '''\
import base64
import json
import sys

from websockets.asyncio.server import serve

LOUD = 0x50  # lower seven bits of a code of G.711; silence is 0x7F


def answer():
    """Half a second of a tone in G.711: what the bot says."""
    return bytes(0x20 if n // 12 % 2 else 0xA0 for n in range(4000))


async def say(socket, stream):
    await asyncio.sleep(0.7)  # so much silence ends a turn
    media = {"payload": base64.b64encode(answer()).decode()}
    await socket.send(json.dumps({"event": "media", "streamSid": stream, "media": media}))


async def call(socket):
    stream, turn = "", None
    async for text in socket:
        told = json.loads(text)
        if told["event"] == "start":
            stream = told["streamSid"]
        elif told["event"] == "media":
            codes = base64.b64decode(told["media"]["payload"])
            if min(code & 0x7F for code in codes) < LOUD:
                if turn is not None:
                    turn.cancel()
                turn = asyncio.create_task(say(socket, stream))


async def main():
    async with serve(call, "127.0.0.1", int(sys.argv[1])) as server:
        print("ready", flush=True)
        await server.serve_forever()


asyncio.run(main())
'''
)

BOTS: Final = {"websocket": WEBSOCKET, "twilio": TWILIO}
"""The bots by the transport that they are called by."""

_KEYS: Final = {"websocket": "rate = 16000\n"}


def bot_files(name: str, title: str, transport: str) -> dict[str, str]:
    """The files of a folder to start from: their names and texts.

    Args:
        name: of the folder.
        title: of the scenario.
        transport: one of `BOTS`.
    """
    fields = {"name": name, "title": title, "transport": transport}
    keys = _KEYS.get(transport, "")
    return {
        f"{name}.toml": SCENARIO.substitute(fields, keys=keys),
        "bot.py": BOTS[transport],
        f"test_{name}.py": TEST.substitute(fields),
    }
