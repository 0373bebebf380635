"""A client of the Live API's doors, by the runtime's own link, on an event loop of the test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import wraps
from typing import Any

from dummy_live_call import checked

from soundstage import LocalEndpoint
from soundstage.kernel import AsyncClock
from soundstage.secrets import Secret
from soundstage.units import FRAME_SAMPLES
from soundstage.webrtc import Provider, WebRtcCall

WITHIN = 60
"""Seconds that anything may take on a slow machine."""


def on_a_loop(test: Any) -> Any:
    """Run a test that is a coroutine function."""

    @wraps(test)
    def run(**fixtures: Any) -> None:
        asyncio.run(test(**fixtures))

    return run


class Caller:
    """A call over WebRTC by the runtime's own link."""

    def __init__(self, endpoint: LocalEndpoint, session: dict[str, Any]) -> None:
        self.events: list[dict[str, Any]] = []
        self.ident = ""
        self.lost: Exception | None = None
        self.opened = asyncio.Event()
        provider = Provider(
            name="here", base_url=endpoint.base_url, api_key=Secret("any"), protocol="live"
        )
        self.call = WebRtcCall(
            provider,
            session,
            on_open=self._open,
            on_event=lambda text: self.events.append(checked(text)),
            on_lost=self._lose,
        )

    def _open(self, ident: str) -> None:
        self.ident = ident
        self.opened.set()

    def _lose(self, error: Exception) -> None:
        self.lost = error
        self.opened.set()

    async def until(self, kind: str) -> dict[str, Any]:
        while True:
            for event in self.events:
                if event["type"] == kind:
                    return event
            await AsyncClock().sleep(FRAME_SAMPLES)


@asynccontextmanager
async def called(endpoint: LocalEndpoint, session: dict[str, Any]) -> AsyncIterator[Caller]:
    caller = Caller(endpoint, session)
    caller.call.begin()
    try:
        async with asyncio.timeout(WITHIN):
            await caller.opened.wait()
            yield caller
    finally:
        await caller.call.wait_ended()
