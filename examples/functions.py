"""Let the model call Python functions: their type hints and docstrings are all it is told."""

import asyncio
import os
from typing import Literal

from soundstage import RealtimeClient, ToolError, tool
from soundstage.client import server_events

URL = os.environ.get("REALTIME_URL", "http://127.0.0.1:8765/v1")


def get_weather(location: str) -> dict[str, object]:
    """Tell what the weather is like in a city."""
    if location == "Atlantis":
        raise ToolError("there is no weather station there")
    return {"description": "raining", "temperature": 7}


@tool(timeout="5s")
async def get_tide(location: str, unit: Literal["m", "ft"] = "m") -> dict[str, object]:
    """Tell how high the tide is.

    Args:
        location: the harbour.
        unit: of the height.
    """
    return {"height": 2.5, "unit": unit, "location": location}


async def main() -> None:
    async with RealtimeClient(base_url=URL, tools=[get_weather, get_tide]) as client:
        client.add_text("What is the weather in Dublin?")
        client.respond()
        async for event in client:
            match event:
                case server_events.ArgumentsDone():
                    print(f"calls {event.name}({event.arguments})")
                case server_events.OutputTranscriptDone():
                    print(event.transcript)
                    return


asyncio.run(main())
