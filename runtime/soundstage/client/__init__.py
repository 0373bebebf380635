"""The library on its own: a Realtime or Live session for any asyncio program, no actors needed.

WebRTC and HTTP are heavy, so the clients, which need them, are loaded when first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from soundstage.client.streams import Reconnected
from soundstage.live import client_events as live_client_events
from soundstage.live import server_events as live_server_events
from soundstage.realtime import Unknown, client_events, server_events
from soundstage.webrtc import Codec, Deadlines, EphemeralKey

if TYPE_CHECKING:
    from soundstage.client.live_client import LiveClient
    from soundstage.client.realtime_client import RealtimeClient
    from soundstage.client.service import make_ephemeral_key

__all__ = [
    "Codec",
    "Deadlines",
    "EphemeralKey",
    "LiveClient",
    "RealtimeClient",
    "Reconnected",
    "Unknown",
    "client_events",
    "live_client_events",
    "live_server_events",
    "make_ephemeral_key",
    "server_events",
]

_LAZY: Final = {
    "LiveClient": "live_client",
    "RealtimeClient": "realtime_client",
    "make_ephemeral_key": "service",
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
