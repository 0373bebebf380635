"""A Realtime session's wire, over WebRTC and a network."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from soundstage.webrtc.call_transport import CallTransport
from soundstage.webrtc.outbound_call import WebRtcCall

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from soundstage.kernel import Portal
    from soundstage.webrtc.connection_watch import Deadlines
    from soundstage.webrtc.provider import Provider


class WebRtcTransport(CallTransport):
    """A call over WebRTC, as the actor that owns the session sees it.

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
        make = partial(WebRtcCall, provider, session, deadlines=deadlines, client=client)
        super().__init__(portal, make)
