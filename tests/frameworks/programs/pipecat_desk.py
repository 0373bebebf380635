"""Pipecat's service for OpenAI's Realtime API, in a pipeline that is heard and fed by the test."""

from __future__ import annotations

import asyncio

from framework_call import ANSWER, MODEL, WEBSOCKET_URL, found, frames, tell_and_leave, until
from pipecat.adapters.llm.schemas.function_schema import FunctionSchema
from pipecat.adapters.llm.schemas.tools_schema import ToolsSchema
from pipecat.frames.frames import Frame, InputAudioRawFrame, LLMRunFrame, TTSTextFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.services.openai.realtime import events
from pipecat.services.openai.realtime.llm import OpenAIRealtimeLLMService
from pipecat.workers.runner import WorkerRunner


class Listener(FrameProcessor):
    """Notes what the service says."""

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, TTSTextFrame):
            found["said"].append(frame.text)
        await self.push_frame(frame, direction)


async def get_weather(params: object) -> None:
    found["calls"].append(params.arguments["location"])
    await params.result_callback({"sky": "grey"})


def said(text: str) -> int:
    return "".join(found["said"]).count(text)


def make_service() -> OpenAIRealtimeLLMService:
    heard = events.AudioInput(
        transcription=events.InputAudioTranscription(model="gpt-transcribe"),
        turn_detection=events.TurnDetection(),
    )
    properties = events.SessionProperties(audio=events.AudioConfiguration(input=heard))
    settings = OpenAIRealtimeLLMService.Settings(
        model=MODEL, system_instruction="Be brief.", session_properties=properties
    )
    service = OpenAIRealtimeLLMService(api_key="any", base_url=WEBSOCKET_URL, settings=settings)
    service.register_function("get_weather", get_weather)
    send = service.send_client_event

    async def send_and_note(event: object) -> None:
        if event.type == "conversation.item.truncate":
            found["truncated"].append(event.audio_end_ms)
        await send(event)

    service.send_client_event = send_and_note
    return service


async def main() -> None:
    place = {"location": {"type": "string"}}
    weather = FunctionSchema("get_weather", "The weather in a city.", place, ["location"])
    tools = ToolsSchema(standard_tools=[weather])
    context = LLMContext([{"role": "user", "content": "Hello?"}], tools)
    pair = LLMContextAggregatorPair(context)
    worker = PipelineWorker(
        Pipeline([pair.user(), make_service(), Listener(), pair.assistant()]),
        params=PipelineParams(audio_in_sample_rate=24_000, audio_out_sample_rate=24_000),
        cancel_on_idle_timeout=False,
    )

    @worker.event_handler("on_pipeline_error")
    async def note_error(_: object, frame: object) -> None:
        found["errors"].append(frame.error)

    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    running = asyncio.create_task(runner.run())

    async def speak(name: str, silent: int = 60) -> None:
        async for frame in frames(name, silent=silent):
            await worker.queue_frame(InputAudioRawFrame(frame, 24_000, 1))

    await worker.queue_frame(LLMRunFrame())
    await until(lambda: said("Goodbye."))
    await speak("SAID")
    await until(lambda: said(ANSWER) == 1)
    await speak("SAID_LONG", 35)
    await until(lambda: said("This is a long"))
    await speak("SAID")
    await until(lambda: said(ANSWER) == 2)
    found["heard"] = [m["content"] for m in context.messages if m["role"] == "user"]
    running.cancel()
    tell_and_leave()


asyncio.run(main())
