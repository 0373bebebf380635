"""Make a key that opens one kind of session for a minute, and open one with it.

Such a key can be handed to a browser; the real one stays here.
"""

import asyncio
import os

from soundstage import RealtimeClient
from soundstage.client import make_ephemeral_key, server_events

URL = os.environ.get("REALTIME_URL", "http://127.0.0.1:8765/v1")


async def main() -> None:
    session = {"model": "gpt-realtime-2.1", "instructions": "You are a pirate."}
    key = await make_ephemeral_key(session, seconds=60, base_url=URL)
    print("a key, shown as", key.value)
    async with RealtimeClient(base_url=URL, api_key=key.value.reveal()) as client:
        async for event in client:
            if isinstance(event, server_events.SessionCreated):
                print("opened", event.session["model"])
                return


asyncio.run(main())
