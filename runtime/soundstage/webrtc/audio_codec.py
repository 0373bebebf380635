"""What a call needs of an Opus codec, so that another one can take its place."""

from __future__ import annotations

from typing import Protocol


class Encoder(Protocol):
    """Frames in, Opus packets out, one for one."""

    def encode(self, pcm: bytes) -> bytes:
        """Encode the next frame, `FRAME_BYTES` of 24 kHz mono s16le."""
        ...


class Decoder(Protocol):
    """Opus packets in, frames out; a lost packet is made up for."""

    def decode(self, payload: bytes | None) -> list[bytes]:
        """Decode the next packet, None for a lost one; the frames that are whole now."""
        ...


class Codec(Protocol):
    """Makes encoders and decoders, one of each for every call."""

    def encoder(self) -> Encoder:
        """A new encoder."""
        ...

    def decoder(self) -> Decoder:
        """A new decoder."""
        ...
