"""Strands' agent for two directions; its model's URL is a constant, which is changed here."""

from __future__ import annotations

import asyncio
import json

from framework_call import ANSWER, MODEL, WEBSOCKET_URL, found, frames, tell_and_leave, until
from strands import tool
from strands.bidi import BidiAgent
from strands.bidi.models.openai import realtime
from strands.bidi.types.media import AudioDelta

realtime.OPENAI_REALTIME_URL = WEBSOCKET_URL


@tool
def get_weather(location: str) -> str:
    """The weather in a city."""
    found["calls"].append(location)
    return json.dumps({"sky": "grey"})


async def main() -> None:
    model = realtime.OpenAIRealtimeModel(model_id=MODEL, transcription_model_id="gpt-transcribe")
    agent = BidiAgent(model=model, tools=[get_weather], system_prompt="Be brief.")
    seen: list[str] = []

    async def listen() -> None:
        async for event in agent.receive():
            seen.append(type(event).__name__)
            match seen[-1]:
                case "BidiTranscriptBlockEvent":
                    who = "said" if event["role"] == "assistant" else "heard"
                    found[who].append(event["transcript"])
                case "BidiConnectionStopEvent":
                    found["errors"].append("the connection stopped")

    async def speak() -> None:
        async for frame in frames():
            await agent.send(AudioDelta(format="pcm", source={"bytes": frame}))

    await agent.start()
    listening = asyncio.create_task(listen())
    await speak()
    await until(lambda: ANSWER in found["said"])
    sounds = seen.count("BidiAudioDeltaEvent")
    await agent.send("Please say something long.")
    await until(lambda: seen.count("BidiAudioDeltaEvent") > sounds)
    await speak()
    await until(lambda: "BidiBargeInEvent" in seen)
    await until(lambda: found["said"].count(ANSWER) == 2)
    await agent.send("Bye.")
    await until(lambda: "Goodbye." in found["said"])
    listening.cancel()
    await agent.stop()
    tell_and_leave()


asyncio.run(main())
