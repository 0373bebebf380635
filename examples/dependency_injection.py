"""A FastAPI application whose routes get a configured client.

Run it: uvicorn dependency_injection:app, then POST {"text": "Say hi!"} to /say. Or mount it in an
application of your own: `mine.mount("/voice", voice_app)`, with `voice_lifespan` in its lifespan.
"""

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, HTTPException, Request
from pydantic import BaseModel

from soundstage import RealtimeClient
from soundstage.client import make_ephemeral_key, server_events
from soundstage.errors import InfrastructureError

URL = os.environ.get("REALTIME_URL", "http://127.0.0.1:8765/v1")
SESSION = {"instructions": "Keep it short.", "output_modalities": ["audio"]}


@asynccontextmanager
async def voice_lifespan(app: FastAPI) -> AsyncIterator[None]:
    """One HTTP client for as long as the application lives."""
    async with httpx.AsyncClient() as http:
        app.state.http = http
        yield


async def connected_client(request: Request) -> AsyncIterator[RealtimeClient]:
    """A client for one request: connected before the route, hung up after it."""
    try:
        async with RealtimeClient(
            SESSION,
            base_url=URL,
            voice="shimmer",
            http=request.app.state.http,
            logger=logging.getLogger("voice"),
        ) as client:
            yield client
    except InfrastructureError as error:
        raise HTTPException(502, str(error)) from error


Client = Annotated[RealtimeClient, Depends(connected_client)]
voice_app = FastAPI(title="A voice", lifespan=voice_lifespan)
app = voice_app


class Say(BaseModel):
    """What is asked."""

    text: str


@voice_app.post("/say")
async def say(asked: Say, client: Client) -> dict[str, str]:
    """The model's reply, in words."""
    client.add_text(asked.text)
    client.respond()
    async for event in client:
        if isinstance(event, server_events.OutputTranscriptDone):
            return {"reply": event.transcript, "call": client.call_id}
    raise HTTPException(502, "the call ended without a reply")


@voice_app.post("/key")
async def key(request: Request) -> dict[str, str | int]:
    """A short-lived key for a browser."""
    made = await make_ephemeral_key(
        {"model": "gpt-realtime-2.1", **SESSION}, base_url=URL, http=request.app.state.http
    )
    return {"value": made.value.reveal(), "expires_at": made.expires_at}
