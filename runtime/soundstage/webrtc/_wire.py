"""A Realtime session's wire, over WebRTC and a network."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from soundstage.errors import ConnectError, PortalClosed, SoundstageError
from soundstage.messages import WireEvent, WireLost, WireOpened
from soundstage.units import SILENCE
from soundstage.webrtc._deadlines import Deadlines
from soundstage.webrtc._link import PeerLink
from soundstage.webrtc._signalling import Signalling

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import httpx

    from soundstage.kernel import Portal
    from soundstage.webrtc._provider import Provider

_log = logging.getLogger(__name__)


class WebRtcWire:
    """A call to a Realtime endpoint, as the actor that owns the session sees it.

    Every method returns at once and may be called from the actor's thread; what happens is
    posted: `WireOpened` once, then a `WireEvent` for each event, and at most one `WireLost`.

    Args:
        portal: the loop that the call lives on.
        provider: who is called.
        session: the session's configuration, sent with the offer.
        deadlines: how long each step may take.
        client: carries the signalling, in place of one of its own.
    """

    def __init__(
        self,
        portal: Portal,
        provider: Provider,
        session: Mapping[str, object],
        *,
        deadlines: Deadlines | None = None,
        client: httpx.AsyncClient | None = None,
    ) -> None:
        self._portal = portal
        self._provider = provider
        self._session = session
        self._deadlines = deadlines or Deadlines()
        self._client = client
        self._post: Callable[[object], None] = _nobody
        self._link: PeerLink | None = None
        self._call_id = ""
        self._signalling: Signalling | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._ending: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def concealed(self) -> int:
        """Frames made up because none had come."""
        return self._link.concealed if self._link else 0

    @property
    def dropped(self) -> int:
        """Frames thrown away because too many waited."""
        return self._link.dropped if self._link else 0

    @property
    def late(self) -> int:
        """Packets that came too late to be played."""
        return self._link.late if self._link else 0

    def open(self, post: Callable[[object], None]) -> None:
        """Begin to call; `post` gets what comes, on the portal's thread."""
        self._post = post
        self._on_loop(self._begin)

    def send(self, event: bytes) -> None:
        """Send one event, as JSON; before the call is placed there is nobody to send it to.

        Raises:
            ProtocolError: it is larger than the endpoint takes.
        """
        if self._link is not None:
            self._link.send(event)

    def play(self, pcm: bytes) -> None:
        """Let the endpoint hear the frame of this tick."""
        if self._link is not None:
            self._link.play(pcm)

    def take(self) -> bytes:
        """The endpoint's frame for this tick."""
        return SILENCE if self._link is None else self._link.take()

    def close(self) -> None:
        """Hang up; harmless when it has been done, at any step of connecting too."""
        self._closed = True
        self._on_loop(self._finish)

    async def wait_closed(self) -> None:
        """Hang up, on the portal, and wait until nothing is left behind."""
        self._closed = True
        await asyncio.shield(self._finish())

    def _on_loop(self, function: Callable[[], object]) -> None:
        with suppress(PortalClosed):  # the call went with it
            self._portal.call(function)

    def _begin(self) -> None:
        if not self._closed:
            self._connecting = asyncio.get_running_loop().create_task(self._connect())

    async def _connect(self) -> None:
        try:
            await self._place()
        except SoundstageError as error:
            self._lost(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the call is lost and says so
            _log.exception("a call to %s could not be placed", self._provider.name)
            said = self._provider.mask(f"{type(error).__name__}: {error}")
            self._lost(ConnectError(f"{self._provider.name} could not be called: {said}"))

    async def _place(self) -> None:
        self._signalling = Signalling(
            self._provider, client=self._client, deadlines=self._deadlines
        )
        self._link = PeerLink(
            on_open=self._opened,
            on_event=lambda text: self._post(WireEvent(text)),
            on_lost=self._lost,
            deadlines=self._deadlines,
            reach="loopback" if self._provider.is_local else "network",
        )
        offer = await self._link.offer()
        call = await self._signalling.call(offer, self._session)
        self._call_id = call.call_id
        await self._link.accept(call.answer)

    def _opened(self) -> None:
        self._post(WireOpened(self._call_id))

    def _lost(self, error: Exception) -> None:
        if not self._closed:
            self._closed = True
            self._post(WireLost(error))
        self._finish()

    def _finish(self) -> asyncio.Task[None]:
        if self._ending is None:
            self._ending = asyncio.get_running_loop().create_task(self._end())
        return self._ending

    async def _end(self) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.wait([self._connecting])
        try:
            if self._signalling is not None and self._call_id:
                await self._signalling.hang_up(self._call_id)
        finally:
            if self._link is not None:
                await self._link.close()
            if self._signalling is not None:
                await self._signalling.close()


def _nobody(_: object) -> None:
    """Takes what comes before anyone has asked for it."""
