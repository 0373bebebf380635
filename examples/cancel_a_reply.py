"""Stop a reply that is being spoken, then hang up."""

import asyncio
import os

from soundstage import RealtimeClient
from soundstage.client import server_events

URL = os.environ.get("REALTIME_URL", "http://127.0.0.1:8765/v1")


async def main() -> None:
    client = RealtimeClient(base_url=URL)
    await client.connect()
    client.prompt("Tell me a long story.")
    async for event in client:
        match event:
            case server_events.OutputAudioBufferStarted():
                client.cancel()
            case server_events.OutputAudioBufferCleared():
                print("cut")
                break
    await client.close()
    print("hung up:", not client.is_connected)


asyncio.run(main())
