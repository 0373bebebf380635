"""Vision Agents' plugin for OpenAI, over WebRTC, with a section for video in its offer."""

from __future__ import annotations

import asyncio

from framework_call import ANSWER, MODEL, found, frames, tell_and_leave, until
from getstream.video.rtc.track_util import PcmData
from openai import AsyncOpenAI
from vision_agents.core.edge.types import Participant
from vision_agents.plugins import openai


async def main() -> None:
    model = openai.Realtime(model=MODEL, client=AsyncOpenAI())
    seen: list[str] = []

    @model.register_function(description="The weather in a city.")
    async def get_weather(location: str) -> dict[str, str]:
        found["calls"].append(location)
        return {"sky": "grey"}

    await model.connect()
    handle = model.rtc._event_callback

    async def note(event: dict) -> None:
        seen.append(event["type"])
        if event["type"] == "error":
            found["errors"].append(event["error"]["message"])
        elif event["type"] == "conversation.item.truncated":
            found["truncated"].append(event["audio_end_ms"])
        await handle(event)

    model.rtc.set_event_callback(note)

    async def listen() -> None:
        async for event in model.output:
            match type(event).__name__:
                case "RealtimeAgentTranscript":
                    found["said"].append(event.text)
                case "RealtimeUserTranscript":
                    found["heard"].append(event.text)

    listening = asyncio.create_task(listen())
    caller = Participant(original=None, user_id="caller", id="caller")

    async def speak() -> None:
        # Silence follows, as of a microphone: a track that stops has said nothing.
        async for frame in frames(silent=150):
            pcm = PcmData.from_bytes(frame, sample_rate=24_000)
            await model.simple_audio_response(pcm, caller)

    async def write(text: str) -> None:
        async for _ in model.simple_response(text):
            pass

    await speak()
    await until(lambda: ANSWER in found["said"])
    await until(lambda: "output_audio_buffer.stopped" in seen)
    await write("Please say something long.")
    await until(lambda: seen.count("output_audio_buffer.started") == 2)
    await speak()
    await until(lambda: found["said"].count(ANSWER) == 2)
    await write("Bye.")
    await until(lambda: "Goodbye." in found["said"])
    await model.close()
    listening.cancel()
    tell_and_leave()


asyncio.run(main())
