"""The files of a bot that runs without a key, its scenario, and its test."""

from __future__ import annotations

from string import Template
from typing import Final

SERVER: Final = """\
[servers.bot]
command = ["{python}", "bot.py", "{port}"]
ready = { log = "ready" }
"""

LIVEKIT_SERVER: Final = """\
[servers.bot]                       # needs: pip install "livekit-agents>=1.8,<1.9"
command = [
  "{python}",                       # or the python of the environment that has it
  "-m", "livekit.agents", "console", "bot.py", "--connect-addr", "127.0.0.1:{port}",
]
ready = { dials_in = true }
timeout = "2m"
"""

PIPECAT_SERVER: Final = """\
[servers.bot]                       # needs: pip install "pipecat-ai[websocket,runner]>=1.14,<2"
command = [
  "{python}",                       # or the python of the environment that has it
  "bot.py", "--port", "{port}",
]
ready = { url = "http://127.0.0.1:{port}/status" }
timeout = "2m"
"""

SCENARIO: Final = Template("""\
# Run it: run-scenario $name.toml

[scenario]
name = "$title"
description = "A caller talks to a bot of your own, which runs as a server."

$server
[agents.bot]
kind = "bot"                        # what is tested
server = "bot"
transport = "$transport"
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
$needs
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

LIVEKIT: Final = '''\
"""An agent of LiveKit's framework that needs no key: it answers with a tone.

Put your own speech recognition, model and voice where `Ears`, `Mind` and `tts_node` are.
"""

import math
import struct

from livekit import rtc
from livekit.agents import Agent, AgentServer, AgentSession, llm, stt

server = AgentServer()


class Ears(stt.STT):
    def __init__(self):
        super().__init__(capabilities=stt.STTCapabilities(streaming=True, interim_results=False))

    async def _recognize_impl(self, buffer, **_):
        raise NotImplementedError("Bot.stt_node hears")


class Mind(llm.LLM):
    def chat(self, **_):
        raise NotImplementedError("Bot.llm_node answers")


class Bot(Agent):
    async def stt_node(self, audio, model_settings):
        quiet = None
        async for frame in audio:
            if max(map(abs, frame.data)) > 500:
                quiet = 0
            elif quiet is not None:
                quiet += frame.duration
                if quiet > 0.5:  # so much silence ends a turn
                    quiet, heard = None, [stt.SpeechData(language="en", text="(words)")]
                    kind = stt.SpeechEventType.FINAL_TRANSCRIPT
                    yield stt.SpeechEvent(type=kind, alternatives=heard)

    async def llm_node(self, chat_ctx, tools, model_settings):
        yield "Hello."

    async def tts_node(self, text, model_settings):
        async for _ in text:
            samples = [int(9000 * math.sin(2 * math.pi * 330 * n / 24000)) for n in range(12000)]
            pcm = struct.pack(f"<{len(samples)}h", *samples)
            yield rtc.AudioFrame(pcm, 24000, 1, len(samples))


@server.rtc_session()
async def entry(ctx):
    session = AgentSession(stt=Ears(), llm=Mind())
    await session.start(Bot(instructions="Be brief."), room=ctx.room)
'''

PIPECAT: Final = '''\
"""A bot of Pipecat that needs no key: it answers with a tone when its caller has fallen silent.

Put your own speech recognition, model and voice where `Answers` is.
"""

import asyncio
import math
import struct

from pipecat.frames.frames import InputAudioRawFrame, OutputAudioRawFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.runner.run import main
from pipecat.runner.utils import create_transport
from pipecat.serializers.protobuf import ProtobufFrameSerializer
from pipecat.transports.websocket.fastapi import FastAPIWebsocketParams
from pipecat.workers.runner import WorkerRunner


class Answers(FrameProcessor):
    turn = None

    async def process_frame(self, frame, direction):
        await super().process_frame(frame, direction)
        if not isinstance(frame, InputAudioRawFrame):
            await self.push_frame(frame, direction)
        elif max(map(abs, struct.unpack(f"<{len(frame.audio) // 2}h", frame.audio))) > 500:
            if self.turn is not None:
                self.turn.cancel()
            self.turn = asyncio.create_task(self.answer())

    async def answer(self):
        await asyncio.sleep(0.7)  # so much silence ends a turn
        samples = [int(9000 * math.sin(2 * math.pi * 330 * n / 24000)) for n in range(12000)]
        audio = struct.pack(f"<{len(samples)}h", *samples)
        await self.push_frame(OutputAudioRawFrame(audio, 24000, 1))


def params():
    serializer = ProtobufFrameSerializer()  # without one, nothing is sent and nothing is told
    return FastAPIWebsocketParams(
        audio_in_enabled=True, audio_out_enabled=True, serializer=serializer
    )


async def bot(runner_args):
    transport = await create_transport(runner_args, {"websocket": params})
    worker = PipelineWorker(Pipeline([transport.input(), Answers(), transport.output()]))

    @transport.event_handler("on_client_disconnected")
    async def end(transport, client):
        await worker.cancel()

    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    await runner.run()


if __name__ == "__main__":
    main()
'''

BOTS: Final = {"websocket": WEBSOCKET, "twilio": TWILIO, "pipecat": PIPECAT, "livekit": LIVEKIT}
"""The bots by the name that `--bot` has for them."""

_TRANSPORTS: Final = {"livekit": "livekit-console", "pipecat": "pipecat-websocket"}
_SERVERS: Final = {"livekit": LIVEKIT_SERVER, "pipecat": PIPECAT_SERVER}
_URL: Final = 'url = "ws://127.0.0.1:{port}/"\n'
_KEYS: Final = {
    "websocket": f"{_URL}rate = 16000\n",
    "twilio": _URL,
    "pipecat": _URL.replace('/"', '/ws-client"'),
}
_NEEDED: Final = {"livekit": "livekit.agents", "pipecat": "pipecat"}
_SKIPS: Final = '\nimport pytest\n\npytest.importorskip("{}")\n'


def bot_files(name: str, title: str, bot: str) -> dict[str, str]:
    """The files of a folder to start from: their names and texts.

    Args:
        name: of the folder.
        title: of the scenario.
        bot: one of `BOTS`.
    """
    transport = _TRANSPORTS.get(bot, bot)
    fields = {"name": name, "title": title, "transport": transport}
    return {
        f"{name}.toml": SCENARIO.substitute(
            fields, server=_SERVERS.get(bot, SERVER), keys=_KEYS.get(bot, "")
        ),
        "bot.py": BOTS[bot],
        f"test_{name}.py": TEST.substitute(
            fields, needs=_SKIPS.format(_NEEDED[bot]) if bot in _NEEDED else ""
        ),
    }
