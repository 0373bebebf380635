"""A program with a client of either API: what it calls, and the endpoint that answers it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from dummy_service import make_server

from soundstage import LiveClient, RealtimeClient, tool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from soundstage.endpoint import EndpointServer
    from soundstage.webrtc import TransportKind

TRANSPORTS: list[TransportKind] = ["webrtc", "websocket"]

WEATHER: dict[str, Any] = {
    "lines": ["Hello to you."],
    "duplex": {"backchannel": "never"},
    "rules": [
        {
            "heard": "weather in {city}",
            "call": [
                {"tool": "get_weather", "args": {"city": "{city}"}},
                {"tool": "get_tide", "args": {"city": "{city}"}},
            ],
        },
        {"tool": "get_weather", "say": "It is {sky}."},
        {"tool": "get_tide", "say": "The tide is {tide}."},
    ],
    "otherwise": "Well.",
}


@tool(timeout="5s")
def get_weather(city: str) -> dict[str, str]:
    """What the weather is."""
    return {"sky": f"dry in {city}"}


async def get_tide(city: str) -> dict[str, str]:
    """What the tide is."""
    return {"tide": f"high in {city}"}


@asynccontextmanager
async def endpoint(
    local: dict[str, Any] | None = None, engines: Any = None, **options: Any
) -> AsyncIterator[EndpointServer]:
    """An endpoint for as long as it is entered."""
    made = make_server(local or WEATHER, engines=engines, **options)
    await made.start()
    try:
        yield made
    finally:
        await made.close()


async def until(client: RealtimeClient | LiveClient, kind: type[Any]) -> Any:
    """The next event of a kind."""
    async for event in client:
        if isinstance(event, kind):
            return event
    raise AssertionError(f"the stream ended before {kind.__name__}")
