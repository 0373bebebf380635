"""A Realtime session's wire, over WebRTC and a network."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from soundstage.errors import PortalClosed
from soundstage.messages import TransportEvent, TransportLost, TransportOpened
from soundstage.webrtc.outbound_call import WebRtcCall

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import httpx

    from soundstage.kernel import Portal
    from soundstage.webrtc.connection_watch import Deadlines
    from soundstage.webrtc.provider import Provider


class WebRtcTransport:
    """A call to a Realtime endpoint, as the actor that owns the session sees it.

    Every method returns at once and may be called from the actor's thread; what happens is
    posted: `TransportOpened` once, then a `TransportEvent` for each event, and at most one
    `TransportLost`.

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
        self._post: Callable[[object], None] = _nobody
        self._call = WebRtcCall(
            provider,
            session,
            on_open=lambda call_id: self._post(TransportOpened(call_id)),
            on_event=lambda text: self._post(TransportEvent(text)),
            on_lost=lambda error: self._post(TransportLost(error)),
            deadlines=deadlines,
            client=client,
        )
        # The call's own methods, not one more step: they are called for each frame.
        self.send = self._call.send
        self.play = self._call.play
        self.take = self._call.take
        self.wait_closed = self._call.wait_ended

    @property
    def concealed(self) -> int:
        """Frames made up because none had come."""
        return self._call.concealed

    @property
    def dropped(self) -> int:
        """Frames thrown away because too many waited."""
        return self._call.dropped

    @property
    def late(self) -> int:
        """Packets that came too late to be played."""
        return self._call.late

    def open(self, post: Callable[[object], None]) -> None:
        """Begin to call; `post` gets what comes, on the portal's thread."""
        self._post = post
        # On the loop: aiortc may only be touched from the thread that its loop runs in.
        self._on_loop(self._call.begin)

    def close(self) -> None:
        """Hang up; harmless when it has been done, at any step of connecting too."""
        self._on_loop(self._call.end)

    def _on_loop(self, function: Callable[[], None]) -> None:
        with suppress(PortalClosed):  # the call went with it
            self._portal.call(function)


def _nobody(_: object) -> None:
    """Takes what comes before anyone has asked for it."""
