"""The codec of a call that is given none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.webrtc._opus import OpusDecoder, OpusEncoder

if TYPE_CHECKING:
    from soundstage.webrtc._codec import Decoder, Encoder


class Opus:
    """PyAV's libopus."""

    def encoder(self) -> Encoder:
        """A new encoder."""
        return OpusEncoder()

    def decoder(self) -> Decoder:
        """A new decoder."""
        return OpusDecoder()
