"""Calls over a WebSocket: events and audio on one connection, played here at the pace of speech.

The library for WebSockets is loaded when a call is first made.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from soundstage.websocket.websocket_call import WebSocketCall
    from soundstage.websocket.websocket_transport import WebSocketTransport

__all__ = ["WebSocketCall", "WebSocketTransport"]

_LAZY: Final = {
    "WebSocketCall": "websocket_call",
    "WebSocketTransport": "websocket_transport",
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
