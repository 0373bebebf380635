"""The page of a run, served on a port of its own."""

from __future__ import annotations

import asyncio
import socket
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from soundstage.kernel import AsyncClock
from soundstage.serving import CLOSES_WITHIN, LOOPBACK, HttpServer, listen
from soundstage.units import seconds_of
from soundstage.web.ice_settings import shown_servers
from soundstage.web.lobby import KEPT_FOR, Lobby
from soundstage.web.page_access import Access
from soundstage.web.page_feed import Feed
from soundstage.web.page_routes import build_page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from soundstage.messages.events import Event
    from soundstage.units import Samples
    from soundstage.webrtc import Deadlines, IceServer

_ELSEWHERE: Final = ("192.0.2.1", 9)
"""An address of no one: asked for the way there, a machine names its own address."""


class PageServer:
    """Serves a run's page on the running event loop; `show` and `show_levels` are called on it.

    Args:
        title: the scenario's.
        agents: in the order in which they are shown.
        you: the agent that visitors speak as; empty where they only watch.
        seats: how many visitors there may be at once.
        post: is told what becomes of them: `VisitorSeated`, `VisitorAway`, `VisitorLeft`.
        host: the address to listen on; only this machine reaches the loopback one.
        port: 0 for any that is free.
        origins: of pages that stand before this one, as `https://call.example.org`.
        ice_servers: asked how this machine is reached from elsewhere.
        deadlines: how long each step of a visitor's call may take.
        kept_for: how long a seat is kept for a visitor that has gone without a word.
    """

    def __init__(
        self,
        title: str,
        *,
        you: str = "",
        seats: int = 0,
        post: Callable[[object], None] = lambda _: None,
        host: str = LOOPBACK,
        port: int = 0,
        origins: Sequence[str] = (),
        ice_servers: Sequence[IceServer] = (),
        deadlines: Deadlines | None = None,
        kept_for: Samples = KEPT_FOR,
    ) -> None:
        self._host = host
        self._port = port
        self._origins = origins
        self._feed = Feed({"title": title, "you": you, "ice": shown_servers(ice_servers)})
        self._lobby = Lobby(
            seats,
            self._feed,
            post,
            ice_servers=ice_servers,
            deadlines=deadlines,
            kept_for=kept_for,
        )
        self._server: HttpServer | None = None

    async def start(self) -> str:
        """Listen.

        Returns:
            The page's address, which cannot be guessed.

        Raises:
            PortTaken: the port is in use, or may not be used.
        """
        listener = listen(self._port, host=self._host, who="the page")
        address, port, *_ = listener.getsockname()
        access = Access(port, loopback=ip_address(address).is_loopback, origins=self._origins)
        self._server = HttpServer(build_page(access, self._feed, self._lobby), listener)
        await self._server.start()
        first = self._origins[0].rstrip("/") if self._origins else f"http://{_named(address, port)}"
        return f"{first}/{access.token}/"

    def show(self, event: Event) -> None:
        """Show what has happened."""
        self._feed.show(event)

    def show_levels(
        self, pts: Samples, peaks: Mapping[str, int], seats: Mapping[int, int] | None = None
    ) -> None:
        """Show how loud each agent and each visitor was lately."""
        self._feed.show_levels(pts, peaks, seats or {})

    async def close(self, text: str, within: Samples = CLOSES_WITHIN) -> None:
        """Say goodbye to every page, hang up every call and stop listening, within this time."""
        clock = AsyncClock()
        self._feed.close(text)
        if self._server is not None:
            self._server.stop()
        hanging_up = asyncio.ensure_future(self._lobby.close())
        await asyncio.wait([hanging_up], timeout=seconds_of(within))
        if self._server is not None:
            await self._server.close(within - clock.now())


def _named(address: str, port: int) -> str:
    if ip_address(address).is_unspecified:
        address = _own_address()
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _own_address() -> str:
    """This machine's address in its network, the loopback one where it is in none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        try:
            way.connect(_ELSEWHERE)
        except OSError:
            return LOOPBACK
        return str(way.getsockname()[0])
