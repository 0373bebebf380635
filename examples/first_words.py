"""Connect, ask for a reply, and print its words as they come."""

import asyncio
import os

from soundstage import RealtimeClient
from soundstage.client import server_events

URL = os.environ.get("REALTIME_URL", "http://127.0.0.1:8765/v1")


async def main() -> None:
    async with RealtimeClient(base_url=URL, instructions="Keep it short.") as client:
        client.prompt("Say hi!")
        async for event in client:
            match event:
                case server_events.OutputTranscriptDelta():
                    print(event.delta, end="", flush=True)
                case server_events.OutputAudioBufferStopped():
                    print()
                    return


asyncio.run(main())
