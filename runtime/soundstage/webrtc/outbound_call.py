"""One call to a Realtime endpoint, from the offer to the hang-up."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from soundstage.errors import ConnectError, SoundstageError
from soundstage.units import SILENCE
from soundstage.webrtc.call_transport import EndsOnce
from soundstage.webrtc.connection_watch import Deadlines
from soundstage.webrtc.peer_link import PeerLink
from soundstage.webrtc.signalling import Signalling

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import httpx

    from soundstage.webrtc.audio_codec import Codec
    from soundstage.webrtc.provider import Provider

_log = logging.getLogger(__name__)


class WebRtcCall(EndsOnce):
    """Places a call with a provider, and hangs it up; what actors and programs have in common.

    It is made, begun and closed on an event loop; `send`, `play` and `take` may be called from
    one other thread. What happens is told by callbacks, on the loop's thread.

    Args:
        provider: who is called.
        session: the session's configuration, sent with the offer.
        on_open: called once, with the call's id, when events can pass.
        on_event: called with each event, in order.
        on_lost: called at most once, when the call cannot be placed or has gone; not after `end`.
        deadlines: how long each step may take.
        client: carries the signalling, in place of one of its own.
        codec: makes the Opus encoder and decoder.
    """

    def __init__(
        self,
        provider: Provider,
        session: Mapping[str, object],
        *,
        on_open: Callable[[str], None],
        on_event: Callable[[str | bytes], None],
        on_lost: Callable[[Exception], None],
        deadlines: Deadlines | None = None,
        client: httpx.AsyncClient | None = None,
        codec: Codec | None = None,
    ) -> None:
        super().__init__(on_lost)
        self._provider = provider
        self._session = session
        self._on_open = on_open
        self._on_event = on_event
        self._deadlines = deadlines or Deadlines()
        self._client = client
        self._codec = codec
        self._link: PeerLink | None = None
        self._call_id = ""
        self._signalling: Signalling | None = None
        self._connecting: asyncio.Task[None] | None = None

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

    def begin(self) -> None:
        """Begin to call."""
        if not self._over:
            self._connecting = asyncio.get_running_loop().create_task(self._connect())

    def send(self, event: bytes) -> None:
        """Send one event, as JSON; before the call is placed there is no far end.

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
            on_open=lambda: self._on_open(self._call_id),
            on_event=self._on_event,
            on_lost=self._lost,
            deadlines=self._deadlines,
            reach="loopback" if self._provider.is_local else "network",
            codec=self._codec,
        )
        # The offer waits for all addresses: HTTP signalling has no way to add one later.
        offer = await self._link.offer()
        call = await self._signalling.call(offer, self._session)
        # Known before the answer is taken, so that a call that then fails is hung up as well.
        self._call_id = call.call_id
        await self._link.accept(call.answer)

    async def _end(self) -> None:
        # First the placing of the call: or it could still be placed after it was hung up.
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.wait([self._connecting])
        try:
            if self._signalling is not None and self._call_id:
                await self._signalling.hang_up(self._call_id)
        finally:
            # Whatever the hang-up did: a connection left open holds a socket and a thread.
            if self._link is not None:
                await self._link.close()
            if self._signalling is not None:
                await self._signalling.close()
