"""An agent program as somebody else would write it, with the official agents framework."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.realtime import RealtimeAgent, RealtimeRunner

from soundstage import AsyncAgent
from soundstage.endpoint import CallsEndpoint

if TYPE_CHECKING:
    from agents.realtime import RealtimeModelConfig, RealtimeSession

    from soundstage import Line

AGENT = RealtimeAgent(name="desk", instructions="You are the desk of a bookshop.")


class Desk(AsyncAgent):
    """The program, with the line as its microphone and its loudspeaker."""

    class Settings(AsyncAgent.Settings, CallsEndpoint):
        """What the local endpoint answers stands in its table."""

    async def run(self, line: Line) -> None:
        async with await RealtimeRunner(AGENT).run(model_config=self._config()) as session:
            self.create_task(self._listen(line, session))
            async for event in session:
                match event.type:
                    case "audio":
                        line.write(event.audio.data)
                    case "audio_interrupted":
                        line.clear()

    async def _listen(self, line: Line, session: RealtimeSession) -> None:
        async for frame in line:
            await session.send_audio(frame.pcm)

    def _config(self) -> RealtimeModelConfig:
        base_url = self.endpoint_url.replace("http", "ws", 1)
        return {
            "url": f"{base_url}/realtime?model={self.context.name}",
            "api_key": self.endpoint_key,
            "initial_model_settings": {
                "model_name": self.context.name,
                "turn_detection": {"type": "server_vad", "silence_duration_ms": 500},
            },
        }
