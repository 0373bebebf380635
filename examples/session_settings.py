"""Change a session while it lasts; what the server refuses is an error that says why."""

import asyncio
import os

from soundstage import RealtimeClient
from soundstage.errors import EventRefused

URL = os.environ.get("REALTIME_URL", "http://127.0.0.1:8765/v1")


async def main() -> None:
    async with RealtimeClient(base_url=URL, voice="shimmer") as client:
        session = await client.update(
            instructions="Answer in one sentence.",
            max_output_tokens=400,
            audio={
                "input": {
                    "noise_reduction": {"type": "near_field"},
                    "turn_detection": {"type": "semantic_vad", "eagerness": "high"},
                },
                "output": {"speed": 1.1},
            },
        )
        print("instructions:", session["instructions"])
        print("voice:", session["audio"]["output"]["voice"])
        print("eagerness:", session["audio"]["input"]["turn_detection"]["eagerness"])
        try:
            await client.update(max_output_tokens=-1)
        except EventRefused as refused:
            print("refused:", refused.param)


asyncio.run(main())
