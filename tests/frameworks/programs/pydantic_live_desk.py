"""Pydantic AI's Live model: a microphone without a pause, a tool, an interruption, typed words."""

from __future__ import annotations

import asyncio
import json

from framework_call import ANSWER, BASE_URL, FRAME, found, said_pcm, tell_and_leave, until
from pydantic_ai import Agent
from pydantic_ai.messages import PartDeltaEvent, PartEndEvent, SpeechPart, SpeechPartDelta
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.realtime.openai_live import OpenAILiveModel

agent = Agent(instructions="Be brief.")


@agent.tool_plain
def get_weather(location: str) -> str:
    """The weather somewhere."""
    found["calls"].append(location)
    return json.dumps({"sky": "grey"})


being_said: list[str] = []


def said() -> str:
    return " ".join(found["said"])


def note(event: object) -> None:
    if "Error" in type(event).__name__:
        found["errors"].append(repr(event))
    delta = event.delta if isinstance(event, PartDeltaEvent) else None
    if isinstance(delta, SpeechPartDelta) and delta.speaker == "assistant":
        being_said.append(delta.transcript_delta or "")
    part = event.part if isinstance(event, PartEndEvent) else None
    if isinstance(part, SpeechPart):
        found["said" if part.speaker == "assistant" else "heard"].append(part.transcript)


async def main() -> None:
    provider = OpenAIProvider(base_url=BASE_URL, api_key="any")
    model = OpenAILiveModel("gpt-live-1.1", provider=provider)
    waiting = bytearray()
    async with agent.realtime(model).session() as session:

        async def listen() -> None:
            async for event in session:
                note(event)

        async def microphone() -> None:
            while True:
                await session.send_audio(bytes(waiting[:FRAME]).ljust(FRAME, b"\0"))
                del waiting[:FRAME]
                await asyncio.sleep(0.02)

        tasks = [asyncio.create_task(listen()), asyncio.create_task(microphone())]
        waiting += said_pcm()
        await until(lambda: ANSWER in said())
        waiting += said_pcm("SAID_LONG")
        await until(lambda: "This is a long" in "".join(being_said))
        waiting += said_pcm()
        await until(lambda: said().count(ANSWER) == 2)
        await session.send("Bye.")
        await until(lambda: "Goodbye." in said())
        tasks[1].cancel()
    tell_and_leave()


asyncio.run(main())
