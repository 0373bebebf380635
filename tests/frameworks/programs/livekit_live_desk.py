"""LiveKit's full-duplex model, without a room: a microphone and a loudspeaker of the test's own."""

from __future__ import annotations

import asyncio
import json

from framework_call import ANSWER, BASE_URL, FRAME, found, said_pcm, tell_and_leave, until
from livekit import rtc
from livekit.agents import Agent, AgentSession, RunContext, function_tool
from livekit.agents.voice import io
from livekit.plugins import openai


class Microphone(io.AudioInput):
    """Says what it is given, and is silent otherwise."""

    def __init__(self) -> None:
        super().__init__(label="test")
        self.pcm = b""

    async def __anext__(self) -> rtc.AudioFrame:
        await asyncio.sleep(0.02)
        part, self.pcm = self.pcm[:FRAME], self.pcm[FRAME:]
        return rtc.AudioFrame(part.ljust(FRAME, b"\0"), 24_000, 1, FRAME // 2)


class Loudspeaker(io.AudioOutput):
    """Counts what it is to play."""

    def __init__(self) -> None:
        can = io.AudioOutputCapabilities(pause=False)
        super().__init__(label="test", capabilities=can, sample_rate=24_000)
        self.length = 0.0

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        self.length += frame.duration

    def flush(self) -> None:
        super().flush()
        self._over(interrupted=False)

    def clear_buffer(self) -> None:
        self._over(interrupted=True)

    def _over(self, *, interrupted: bool) -> None:
        if self.length:
            length, self.length = self.length, 0.0
            self.on_playback_finished(playback_position=length, interrupted=interrupted)


@function_tool
async def get_weather(context: RunContext, location: str) -> str:
    """The weather in a city."""
    found["calls"].append(location)
    return json.dumps({"sky": "grey"})


def note(item: object) -> None:
    role = getattr(item, "role", None)
    if role in ("assistant", "user"):
        found["said" if role == "assistant" else "heard"].append(item.text_content)


def said() -> str:
    return " ".join(found["said"])


async def main() -> None:
    model = openai.realtime.GPTLiveModel(base_url=BASE_URL, api_key="any")
    async with AgentSession(llm=model) as session:
        microphone = Microphone()
        session.input.audio, session.output.audio = microphone, Loudspeaker()
        session.on("error", lambda event: found["errors"].append(str(event.error)))
        session.on("conversation_item_added", lambda event: note(event.item))
        await session.start(Agent(instructions="Be brief.", tools=[get_weather]))
        microphone.pcm = said_pcm()
        await until(lambda: ANSWER in said())
        microphone.pcm = said_pcm("SAID_LONG") + bytes(FRAME * 150) + said_pcm()
        await until(lambda: said().count(ANSWER) == 2)
    tell_and_leave()


asyncio.run(main())
