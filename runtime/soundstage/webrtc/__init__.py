"""Calls over WebRTC: the peer connection, its track and channel, signalling, the live wire.

aiortc, PyAV and httpx are heavy, so what needs them is loaded when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from soundstage.webrtc._codec import Codec, Decoder, Encoder
from soundstage.webrtc._deadlines import Deadlines
from soundstage.webrtc._ice import IceServer
from soundstage.webrtc._provider import Provider, Secret

if TYPE_CHECKING:
    from soundstage.webrtc._answer import answer
    from soundstage.webrtc._call import WebRtcCall
    from soundstage.webrtc._internals import Reach
    from soundstage.webrtc._link import PeerLink
    from soundstage.webrtc._opus import OpusDecoder, OpusEncoder
    from soundstage.webrtc._signalling import Call, EphemeralKey, Signalling
    from soundstage.webrtc._usual_codec import Opus
    from soundstage.webrtc._wire import WebRtcWire

__all__ = [
    "Call",
    "Codec",
    "Deadlines",
    "Decoder",
    "Encoder",
    "EphemeralKey",
    "IceServer",
    "Opus",
    "OpusDecoder",
    "OpusEncoder",
    "PeerLink",
    "Provider",
    "Reach",
    "Secret",
    "Signalling",
    "WebRtcCall",
    "WebRtcWire",
    "answer",
]

_LAZY: Final = {
    "Call": "_signalling",
    "EphemeralKey": "_signalling",
    "Opus": "_usual_codec",
    "OpusDecoder": "_opus",
    "OpusEncoder": "_opus",
    "PeerLink": "_link",
    "Reach": "_internals",
    "Signalling": "_signalling",
    "WebRtcCall": "_call",
    "WebRtcWire": "_wire",
    "answer": "_answer",
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
