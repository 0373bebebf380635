"""The library on its own: a Realtime session for any asyncio program, no actors needed.

WebRTC and HTTP are heavy, so the client, which needs them, is loaded when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from soundstage.client.streams import Reconnected
from soundstage.realtime import Unknown, client_events, server_events
from soundstage.webrtc import Codec, Deadlines, EphemeralKey

if TYPE_CHECKING:
    from soundstage.client.realtime_client import RealtimeClient
    from soundstage.client.service import make_ephemeral_key

__all__ = [
    "Codec",
    "Deadlines",
    "EphemeralKey",
    "RealtimeClient",
    "Reconnected",
    "Unknown",
    "client_events",
    "make_ephemeral_key",
    "server_events",
]

_LAZY: Final = {"RealtimeClient": "realtime_client", "make_ephemeral_key": "service"}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
