"""LiveKit's agents, without a room: a microphone and a loudspeaker of the test's own."""

from __future__ import annotations

import asyncio
import json
import time

from framework_call import ANSWER, BASE_URL, FRAME, MODEL, found, said_pcm, tell_and_leave, until
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
    """Plays in real time, so that the framework knows how much was heard."""

    def __init__(self) -> None:
        can = io.AudioOutputCapabilities(pause=False)
        super().__init__(label="test", capabilities=can, sample_rate=24_000)
        self.length = 0.0
        self._begun = 0.0
        self._ending: asyncio.Task[None] | None = None

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        if not self.length:
            self._begun = time.monotonic()
            self.on_playback_started(created_at=time.time())
        self.length += frame.duration

    def flush(self) -> None:
        super().flush()
        if self.length:
            self._ending = asyncio.create_task(self._end())

    def clear_buffer(self) -> None:
        if self._ending:
            self._ending.cancel()
        if self.length:
            self._over(min(self.length, time.monotonic() - self._begun), interrupted=True)

    async def _end(self) -> None:
        await asyncio.sleep(max(0.0, self._begun + self.length - time.monotonic()))
        self._over(self.length, interrupted=False)

    def _over(self, position: float, *, interrupted: bool) -> None:
        self.length = 0.0
        self.on_playback_finished(playback_position=position, interrupted=interrupted)


@function_tool
async def get_weather(context: RunContext, location: str) -> str:
    """The weather in a city."""
    found["calls"].append(location)
    return json.dumps({"sky": "grey"})


class Refunds(Agent):
    """The second agent."""

    def __init__(self) -> None:
        super().__init__(instructions="You make refunds.", tools=[get_weather])


class Desk(Agent):
    """The first agent, which hands over."""

    def __init__(self) -> None:
        super().__init__(instructions="Be brief.", tools=[get_weather])

    @function_tool
    async def transfer_to_refunds(self, context: RunContext) -> tuple[Agent, str]:
        """Refunds."""
        found["calls"].append("refunds")
        return Refunds(), json.dumps({"ok": True})


def said(text: str) -> int:
    return sum(text in one for one, _ in found["said"])


def note(item: object) -> None:
    role = getattr(item, "role", None)
    if role == "assistant":
        found["said"].append((item.text_content, item.interrupted))
    elif role == "user":
        found["heard"].append(item.text_content)


async def main() -> None:
    model = openai.realtime.RealtimeModel(base_url=BASE_URL, api_key="any", model=MODEL)
    async with AgentSession(llm=model) as session:
        microphone, loudspeaker = Microphone(), Loudspeaker()
        session.input.audio, session.output.audio = microphone, loudspeaker
        session.on("error", lambda event: found["errors"].append(str(event.error)))
        session.on("conversation_item_added", lambda event: note(event.item))
        await session.start(Desk())
        microphone.pcm = said_pcm()
        await until(lambda: said(ANSWER) == 1)

        session.generate_reply(user_input="Please say something long.")
        await until(lambda: loudspeaker.length)
        await asyncio.sleep(0.5)
        await session.interrupt()
        await until(lambda: any(cut for _, cut in found["said"]))

        await session.generate_reply(user_input="I would like a refund.")
        await until(lambda: said("What is your order?") == 1)
        microphone.pcm = said_pcm()
        await until(lambda: said(ANSWER) == 2)
    tell_and_leave()


asyncio.run(main())
