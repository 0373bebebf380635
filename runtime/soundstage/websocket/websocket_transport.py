"""A Realtime session's wire, over a WebSocket."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from soundstage.webrtc import CallTransport
from soundstage.websocket.websocket_call import WebSocketCall

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soundstage.kernel import Portal
    from soundstage.webrtc import Deadlines, Provider


class WebSocketTransport(CallTransport):
    """A call over a WebSocket, as the actor that owns the session sees it.

    Args:
        portal: the loop that the call lives on.
        provider: who is called.
        session: the session's configuration.
        deadlines: how long each step may take.
    """

    def __init__(
        self,
        portal: Portal,
        provider: Provider,
        session: Mapping[str, object],
        *,
        deadlines: Deadlines | None = None,
    ) -> None:
        super().__init__(portal, partial(WebSocketCall, provider, session, deadlines=deadlines))
