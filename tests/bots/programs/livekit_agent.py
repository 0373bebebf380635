"""An agent of LiveKit's framework with a tool; its model is any endpoint of the Realtime API."""

import json
import os

from livekit.agents import Agent, AgentServer, AgentSession, function_tool
from livekit.plugins import openai

server = AgentServer()


@function_tool
async def get_weather(location: str) -> str:
    """The weather in a city."""
    print("tool get_weather", json.dumps({"location": location}), flush=True)
    return json.dumps({"sky": "sunny"})


@server.rtc_session()
async def entry(ctx) -> None:
    model = openai.realtime.RealtimeModel(
        base_url=os.environ["OPENAI_BASE_URL"], api_key="any", model="gpt-realtime-2.1", voice="ash"
    )
    session = AgentSession(llm=model, aec_warmup_duration=None)
    await session.start(Agent(instructions="Be brief.", tools=[get_weather]), room=ctx.room)
