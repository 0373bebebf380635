"""A visitor with no browser: the page's HTTP by httpx, the call by a link of ours."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from soundstage.kernel import AsyncClock
from soundstage.units import samples_of_seconds
from soundstage.webrtc import PeerLink

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable


class DummyVisitor:
    """Looks at a page, and joins.

    Args:
        link: the page's address.
        visit: its id, the same after a reload.
        client: carries the HTTP.
    """

    def __init__(self, link: str, client: httpx.AsyncClient, visit: str = "v1") -> None:
        self.link = link
        self.visit = visit
        self._client = client
        self.origin = "{0.scheme}://{0.netloc}".format(urlsplit(link))
        self.peer: PeerLink | None = None
        self.opened = asyncio.Event()
        self.lost = asyncio.Event()

    async def join(self) -> httpx.Response:
        """Ask for a seat; once it is given the call connects by itself."""
        self.peer = PeerLink(
            on_open=self.opened.set,
            on_event=lambda _: None,
            on_lost=lambda _: self.lost.set(),
            reach="loopback",
        )
        response = await self.post("join", sdp=await self.peer.offer())
        if response.is_success:
            await self.peer.accept(response.json()["sdp"])
        return response

    async def connect(self) -> None:
        """Join, and wait until the call is up."""
        response = await self.join()
        assert response.is_success, response.text
        await self.opened.wait()

    async def leave(self, *, closed: bool = False) -> httpx.Response:
        """Say goodbye, or only that the page has gone."""
        response = await self.post("leave", closed=closed)
        await self.hang_up()
        return response

    async def hang_up(self) -> None:
        """End the call without a word to the page's server."""
        if self.peer is not None:
            await self.peer.close()

    async def post(self, what: str, **body: Any) -> httpx.Response:
        """As the page's own script does it."""
        return await self._client.post(
            f"{self.link}{what}",
            headers={"Origin": self.origin},
            json={"visit": self.visit, **body},
        )

    async def story(self) -> AsyncIterator[dict[str, Any]]:
        """What the page is told, until it is told goodbye."""
        async with self._client.stream("GET", f"{self.link}events", timeout=30) as response:
            assert response.headers["content-type"].startswith("text/event-stream")
            async for line in response.aiter_lines():
                if line:
                    yield json.loads(line.removeprefix("data: "))

    async def talk(self, frame: Callable[[int], bytes], seconds: float) -> list[bytes]:
        """Say a frame a tick for so long; what was heard meanwhile."""
        assert self.peer is not None
        heard: list[bytes] = []
        clock = AsyncClock()
        async for pts in clock.ticks():
            if pts >= samples_of_seconds(seconds):
                break
            self.peer.play(frame(len(heard)))
            heard.append(self.peer.take())
        return heard
