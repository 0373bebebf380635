#!/usr/bin/env bash
# semantic-kernel 1.45.0: the same settings become another session over WebRTC than over a WebSocket. Over
# WebRTC its session.update leaves out everything about audio (voice, turn detection, transcription), without
# an error or a log line.
#
# Output seen: "over a WebSocket: audio, instructions, model, type; over WebRTC: instructions, model, type"
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "semantic-kernel[realtime]==1.45.0"
"$folder/venv/bin/python" - <<'PY'
import asyncio
import json
from types import SimpleNamespace

from aiortc.mediastreams import AudioStreamTrack
from semantic_kernel.connectors.ai.open_ai import OpenAIRealtimeExecutionSettings
from semantic_kernel.connectors.ai.open_ai.services import open_ai_realtime as services

SETTINGS = OpenAIRealtimeExecutionSettings(
    instructions="Be brief.",
    voice="echo",
    input_audio_transcription={"model": "whisper-1"},
    turn_detection={"type": "server_vad"},
)


async def sessions() -> tuple[dict, dict]:
    options = {"ai_model_id": "gpt-realtime", "api_key": "any"}
    sent = []

    async def send(event: object) -> None:
        sent.append(event.model_dump(exclude_none=True))

    websocket = services.OpenAIRealtimeWebsocket(**options)
    object.__setattr__(websocket, "connection", SimpleNamespace(send=send))
    websocket.connected.set()
    await websocket.update_session(settings=SETTINGS)
    webrtc = services.OpenAIRealtimeWebRTC(audio_track=AudioStreamTrack(), **options)
    channel = SimpleNamespace(readyState="open", send=lambda text: sent.append(json.loads(text)))
    object.__setattr__(webrtc, "data_channel", channel)
    await webrtc.update_session(settings=SETTINGS)
    return sent[0]["session"], sent[1]["session"]


websocket, webrtc = asyncio.run(sessions())
print(f"over a WebSocket: {', '.join(sorted(websocket))}; over WebRTC: {', '.join(sorted(webrtc))}")
assert websocket["audio"]["output"]["voice"] == "echo", websocket
assert websocket["instructions"] == webrtc["instructions"]
assert "audio" not in webrtc, webrtc
PY
