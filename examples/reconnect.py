"""Go on after a call has dropped: the new session goes on with the conversation.

Here the call is dropped on purpose, by a hang-up from outside.
"""

import asyncio
import os

import httpx

from soundstage import RealtimeClient
from soundstage.client import Reconnected, server_events

URL = os.environ.get("REALTIME_URL", "http://127.0.0.1:8765/v1")
KEY = os.environ.get("OPENAI_API_KEY", "any")


async def main() -> None:
    async with RealtimeClient(base_url=URL, on_drop="reconnect") as client:
        client.prompt("Say hi!")
        async for event in client:
            match event:
                case server_events.OutputTranscriptDone():
                    print(event.transcript)
                case server_events.OutputAudioBufferStopped():
                    await drop(client.call_id)
                case Reconnected():
                    print("dropped and up again:", client.is_connected)
                    return


async def drop(call_id: str) -> None:
    async with httpx.AsyncClient() as http:
        headers = {"Authorization": f"Bearer {KEY}"}
        await http.post(f"{URL}/realtime/calls/{call_id}/hangup", headers=headers)


asyncio.run(main())
