"""Calls over WebRTC: peer connection, track and channel, signalling, a live session's transport.

aiortc, PyAV and httpx are heavy, so what needs them is loaded when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from soundstage.webrtc.audio_codec import Codec, Decoder, Encoder
from soundstage.webrtc.connection_watch import Deadlines
from soundstage.webrtc.ice_server import IceServer
from soundstage.webrtc.provider import ModelPlace, Provider, TransportKind, call_refused

if TYPE_CHECKING:
    from soundstage.webrtc._internals import Reach
    from soundstage.webrtc.call_transport import CallTransport, EndsOnce, PlacedCall
    from soundstage.webrtc.opus import Opus, OpusDecoder, OpusEncoder
    from soundstage.webrtc.outbound_call import WebRtcCall
    from soundstage.webrtc.peer_link import PeerLink, answer
    from soundstage.webrtc.plain_peer import PlainPeer
    from soundstage.webrtc.signalling import Call, EphemeralKey, Signalling
    from soundstage.webrtc.webrtc_transport import WebRtcTransport

__all__ = [
    "Call",
    "CallTransport",
    "Codec",
    "Deadlines",
    "Decoder",
    "Encoder",
    "EndsOnce",
    "EphemeralKey",
    "IceServer",
    "ModelPlace",
    "Opus",
    "OpusDecoder",
    "OpusEncoder",
    "PeerLink",
    "PlacedCall",
    "PlainPeer",
    "Provider",
    "Reach",
    "Signalling",
    "TransportKind",
    "WebRtcCall",
    "WebRtcTransport",
    "answer",
    "call_refused",
]

_LAZY: Final = {
    "Call": "signalling",
    "CallTransport": "call_transport",
    "EndsOnce": "call_transport",
    "EphemeralKey": "signalling",
    "Opus": "opus",
    "OpusDecoder": "opus",
    "OpusEncoder": "opus",
    "PeerLink": "peer_link",
    "PlacedCall": "call_transport",
    "PlainPeer": "plain_peer",
    "Reach": "_internals",
    "Signalling": "signalling",
    "WebRtcCall": "outbound_call",
    "WebRtcTransport": "webrtc_transport",
    "answer": "peer_link",
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
