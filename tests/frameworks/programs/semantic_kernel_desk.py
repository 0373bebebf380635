"""Semantic Kernel's client over a WebSocket, which calls a kernel's function by itself."""

from __future__ import annotations

import asyncio
import base64
import json

from framework_call import ANSWER, MODEL, found, frames, tell_and_leave, until
from semantic_kernel import Kernel
from semantic_kernel.connectors.ai import FunctionChoiceBehavior
from semantic_kernel.connectors.ai.open_ai import (
    ListenEvents,
    OpenAIRealtimeExecutionSettings,
    OpenAIRealtimeWebsocket,
    SendEvents,
)
from semantic_kernel.contents import (
    AudioContent,
    RealtimeAudioEvent,
    RealtimeEvent,
    RealtimeTextEvent,
    TextContent,
)
from semantic_kernel.functions import kernel_function


class Desk:
    """A plugin: its function's name on the wire is `desk-get_weather`."""

    @kernel_function(name="get_weather", description="The weather in a city.")
    def get_weather(self, location: str) -> str:
        found["calls"].append(location)
        return json.dumps({"sky": "grey"})


SETTINGS = OpenAIRealtimeExecutionSettings(
    instructions="Be brief.",
    voice="marin",
    turn_detection={"type": "server_vad"},
    input_audio_transcription={"model": "gpt-transcribe"},
    function_choice_behavior=FunctionChoiceBehavior.Auto(),
)


async def main() -> None:
    kernel = Kernel()
    kernel.add_plugin(Desk(), "desk")
    client = OpenAIRealtimeWebsocket(ai_model_id=MODEL)
    items: list[str] = []
    sounds = 0
    seen: list[str] = []

    async def listen() -> None:
        nonlocal sounds
        async for told in client.receive():
            if isinstance(told, RealtimeAudioEvent):
                sounds += 1
                continue
            event = told.service_event
            seen.append(told.service_type)
            # An event of the framework's own has none of the service.
            match event and event.type:
                case "error":
                    found["errors"].append(event.error.message)
                case "response.output_audio_transcript.done":
                    found["said"].append(event.transcript)
                case "conversation.item.input_audio_transcription.completed":
                    found["heard"].append(event.transcript)
                case "conversation.item.truncated":
                    found["truncated"].append(event.audio_end_ms)
                case "response.output_item.added":
                    items.append(event.item.id)

    async def write(text: str) -> None:
        content = TextContent(text=text)
        kind = SendEvents.CONVERSATION_ITEM_CREATE
        await client.send(RealtimeTextEvent(service_type=kind, text=content))
        await client.send(RealtimeEvent(service_type=SendEvents.RESPONSE_CREATE))

    async with client(kernel=kernel, settings=SETTINGS, create_response=False):
        listening = asyncio.create_task(listen())
        await until(lambda: ListenEvents.SESSION_UPDATED in seen)
        async for frame in frames():
            data = base64.b64encode(frame).decode()
            audio = AudioContent(data=data, data_format="base64")
            await client.send(RealtimeAudioEvent(audio=audio))
        await until(lambda: ANSWER in found["said"])

        before = sounds
        await write("Please say something long.")
        await until(lambda: sounds > before)
        await client.send(RealtimeEvent(service_type=SendEvents.RESPONSE_CANCEL))
        cut = {"item_id": items[-1], "content_index": 0, "audio_end_ms": 100}
        kind = SendEvents.CONVERSATION_ITEM_TRUNCATE
        await client.send(RealtimeEvent(service_type=kind, service_event=cut))
        await until(lambda: found["truncated"])

        await write("Bye.")
        await until(lambda: "Goodbye." in found["said"])
        listening.cancel()
    tell_and_leave()


asyncio.run(main())
