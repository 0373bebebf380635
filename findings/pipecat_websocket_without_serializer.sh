#!/usr/bin/env bash
# pipecat-ai 1.14.0: FastAPIWebsocketTransport without a serializer in its params drops all audio, both
# ways. `FastAPIWebsocketParams.serializer` is None by default; then nothing is sent, what comes is not
# read as audio, and neither an error is raised nor a warning is logged: the bot is silent.
#
# Output seen: "with a serializer: True, without: False, warnings: 0"
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  "pipecat-ai[websocket]==1.14.0" uvicorn==0.54.0 websockets==17.4
cd "$folder"
"$folder/venv/bin/python" - <<'PY'
import asyncio

import uvicorn
from fastapi import FastAPI, WebSocket
from loguru import logger
from pipecat.frames.frames import OutputAudioRawFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.serializers.protobuf import ProtobufFrameSerializer
from pipecat.transports.websocket.fastapi import FastAPIWebsocketParams, FastAPIWebsocketTransport
from pipecat.workers.runner import WorkerRunner
from websockets.asyncio.client import connect

warnings = []
logger.remove()
logger.add(lambda told: warnings.append(str(told)), level="WARNING")
app = FastAPI()


@app.websocket("/{kind}")
async def talk(socket: WebSocket, kind: str):
    await socket.accept()
    serializer = ProtobufFrameSerializer() if kind == "with" else None
    params = FastAPIWebsocketParams(
        audio_in_enabled=True, audio_out_enabled=True, serializer=serializer
    )
    transport = FastAPIWebsocketTransport(socket, params)
    worker = PipelineWorker(Pipeline([transport.input(), transport.output()]))

    @transport.event_handler("on_client_connected")
    async def greet(transport, client):
        await worker.queue_frame(OutputAudioRawFrame(b"\0\x10" * 24_000, 24_000, 1))

    @transport.event_handler("on_client_disconnected")
    async def end(transport, client):
        await worker.cancel()

    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    await runner.run()


async def is_heard(port, kind):
    async with connect(f"ws://127.0.0.1:{port}/{kind}") as socket:
        try:
            async with asyncio.timeout(10):
                while len(await socket.recv()) < 500:
                    pass
        except TimeoutError:
            return False
        return True


async def main():
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    heard = await is_heard(port, "with")
    warnings.clear()
    silent = await is_heard(port, "without")
    print(f"with a serializer: {heard}, without: {silent}, warnings: {len(warnings)}")
    assert (heard, silent, len(warnings)) == (True, False, 0)
    server.should_exit = True
    await asyncio.wait([serving], timeout=5)


asyncio.run(main())
PY
