"""Pipecat's service for OpenAI's Live API, in a pipeline that is heard and fed by the test."""

from __future__ import annotations

import asyncio

from framework_call import ANSWER, BASE_URL, FRAME, found, said_pcm, tell_and_leave, until
from pipecat.adapters.llm.schemas.function_schema import FunctionSchema
from pipecat.adapters.llm.schemas.tools_schema import ToolsSchema
from pipecat.frames.frames import Frame, InputAudioRawFrame, LLMRunFrame, TTSTextFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.services.openai.live.llm import OpenAILiveLLMService, ResponsesDelegation
from pipecat.services.openai.responses.llm import OpenAIResponsesLLMSettings
from pipecat.workers.runner import WorkerRunner

URL = BASE_URL.replace("http", "ws", 1) + "/live/sessions"


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


async def main() -> None:
    backend = ResponsesDelegation(settings=OpenAIResponsesLLMSettings(model="gpt-5.6"))
    service = OpenAILiveLLMService(
        api_key="any",
        base_url=URL,
        settings=OpenAILiveLLMService.Settings(system_instruction="Be brief."),
        delegation=backend,
    )
    service.register_function("get_weather", get_weather)
    place = {"location": {"type": "string"}}
    weather = FunctionSchema("get_weather", "The weather in a city.", place, ["location"])
    context = LLMContext([], ToolsSchema(standard_tools=[weather]))
    pair = LLMContextAggregatorPair(context)
    worker = PipelineWorker(
        Pipeline([pair.user(), service, Listener(), pair.assistant()]),
        params=PipelineParams(audio_in_sample_rate=24_000, audio_out_sample_rate=24_000),
        cancel_on_idle_timeout=False,
    )

    @worker.event_handler("on_pipeline_error")
    async def note_error(_: object, frame: object) -> None:
        found["errors"].append(frame.error)

    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    running = asyncio.create_task(runner.run())
    waiting = bytearray()

    async def microphone() -> None:
        # Without a pause: the timeline stands still while nothing comes.
        while True:
            part = bytes(waiting[:FRAME]).ljust(FRAME, b"\0")
            del waiting[:FRAME]
            await worker.queue_frame(InputAudioRawFrame(part, 24_000, 1))
            await asyncio.sleep(0.02)

    await worker.queue_frame(LLMRunFrame())
    feeding = asyncio.create_task(microphone())
    waiting += said_pcm()
    await until(lambda: said(ANSWER) == 1)
    waiting += said_pcm("SAID_LONG")
    await until(lambda: said("This is a long"))
    waiting += said_pcm()
    await until(lambda: said(ANSWER) == 2)
    await asyncio.sleep(2)
    found["heard"] = [m["content"] for m in context.messages if m.get("role") == "user"]
    feeding.cancel()
    running.cancel()
    tell_and_leave()


asyncio.run(main())
