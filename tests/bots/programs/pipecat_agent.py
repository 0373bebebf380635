"""A bot of Pipecat with a tool, on all its transports; its model is any endpoint of Realtime."""

import json
import os

from pipecat.adapters.llm.schemas.function_schema import FunctionSchema
from pipecat.adapters.llm.schemas.tools_schema import ToolsSchema
from pipecat.frames.frames import LLMRunFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair
from pipecat.runner.run import main
from pipecat.runner.utils import create_transport
from pipecat.serializers.protobuf import ProtobufFrameSerializer
from pipecat.services.openai.realtime import events
from pipecat.services.openai.realtime.llm import OpenAIRealtimeLLMService
from pipecat.transports.base_transport import TransportParams
from pipecat.transports.websocket.fastapi import FastAPIWebsocketParams
from pipecat.workers.runner import WorkerRunner

SPEAKS = {"audio_in_enabled": True, "audio_out_enabled": True}
TRANSPORTS = {
    "twilio": lambda: FastAPIWebsocketParams(**SPEAKS),
    "webrtc": lambda: TransportParams(**SPEAKS),
    "websocket": lambda: FastAPIWebsocketParams(serializer=ProtobufFrameSerializer(), **SPEAKS),
}


async def get_weather(params):
    print("tool get_weather", json.dumps(params.arguments), flush=True)
    await params.result_callback({"sky": "sunny"})


def make_service():
    heard = events.AudioInput(
        transcription=events.InputAudioTranscription(model="gpt-transcribe"),
        turn_detection=events.TurnDetection(),
    )
    properties = events.SessionProperties(audio=events.AudioConfiguration(input=heard))
    settings = OpenAIRealtimeLLMService.Settings(
        model="gpt-realtime-2.1", system_instruction="Be brief.", session_properties=properties
    )
    url = os.environ["OPENAI_BASE_URL"].replace("http", "ws", 1) + "/realtime"
    service = OpenAIRealtimeLLMService(api_key="any", base_url=url, settings=settings)
    service.register_function("get_weather", get_weather)
    return service


async def bot(runner_args):
    print("body", json.dumps(runner_args.body), flush=True)
    transport = await create_transport(runner_args, TRANSPORTS)
    place = {"location": {"type": "string"}}
    weather = FunctionSchema("get_weather", "The weather in a city.", place, ["location"])
    context = LLMContext([], ToolsSchema(standard_tools=[weather]))
    pair = LLMContextAggregatorPair(context)
    worker = PipelineWorker(
        Pipeline(
            [transport.input(), pair.user(), make_service(), transport.output(), pair.assistant()]
        ),
        params=PipelineParams(audio_in_sample_rate=24_000, audio_out_sample_rate=24_000),
    )

    @transport.event_handler("on_client_connected")
    async def begin(_transport, _client):
        await worker.queue_frame(LLMRunFrame())

    @transport.event_handler("on_client_disconnected")
    async def end(_transport, _client):
        print("disconnected", flush=True)
        await worker.cancel()

    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    await runner.run()


if __name__ == "__main__":
    main()
