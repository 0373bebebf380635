"""The codec of a call: frames and packets, silence, and lost packets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from soundstage.audio import FrameCutter
from soundstage.units import FRAME_BYTES, SILENCE
from soundstage.webrtc.opus.libopus import LibopusDecoder, LibopusEncoder, libopus
from soundstage.webrtc.opus.pyav_opus import PyavDecoder, PyavEncoder

if TYPE_CHECKING:
    from soundstage.webrtc.audio_codec import Decoder, Encoder

_AT_REST: Final = 3
"""Bytes of a packet that says no more than that there is nothing to hear."""

_RESTED: Final = 25
"""Such packets in a row after which the decoder remembers nothing of what came before them."""


class OpusEncoder:
    """Frames in, packets out, one for one.

    Once it has come to rest on silence its packets are all the same, so that more of it costs
    nothing.
    """

    def __init__(self) -> None:
        library = libopus()
        self._encoder = PyavEncoder() if library is None else LibopusEncoder(library)
        self._silent: bytes | None = None

    def encode(self, pcm: bytes) -> bytes:
        """Encode the next frame, `FRAME_BYTES` of 24 kHz mono s16le.

        Raises:
            ValueError: the frame has another length.
        """
        # By identity: the kernel sends this very object, and comparing 960 bytes would cost more.
        if pcm is SILENCE and self._silent is not None:
            return self._silent
        payload = self._encoder.encode(pcm)
        # Only a short packet is at rest: the first ones of a silence still hold the voice's end.
        at_rest = pcm is SILENCE and len(payload) <= _AT_REST
        self._silent = payload if at_rest else None
        return payload


class OpusDecoder:
    """Packets in, 20 ms frames of 24 kHz mono out; a lost packet is concealed by libopus.

    Once it has come to rest on packets of silence, more of the same cost nothing.
    """

    def __init__(self) -> None:
        library = libopus()
        self._decoder = PyavDecoder() if library is None else LibopusDecoder(library)
        self._cutter = FrameCutter()
        self._conceal: bytes | None = None
        self._is_cut = False
        self._last: bytes | None = None
        self._rests = 0

    def decode(self, payload: bytes | None) -> list[bytes]:
        """Decode the next packet.

        Args:
            payload: an Opus packet of any length, or None for one that is lost.

        Returns:
            The frames that are whole now: one for each 20 ms of the packet.

        Raises:
            av.FFmpegError: the payload is no Opus packet.
        """
        if payload is None:
            payload = self._conceal
            if payload is None:
                return []
        elif payload == self._last and self._rests >= _RESTED:
            return [SILENCE]
        else:
            # A configuration byte alone, one frame of no length: "DTX or lost packet" (RFC 6716,
            # 3.2.1), for which libopus makes up a frame from what came before.
            self._conceal = bytes((payload[0] & 0xFC,))
        pcm = self._decoder.decode(payload)
        # Packets of 20 ms are the rule, and are frames as they are while no other length has come.
        if len(pcm) == FRAME_BYTES and not self._is_cut:
            is_silence = pcm == SILENCE
            is_same = is_silence and payload == self._last and len(payload) <= _AT_REST
            self._rests = self._rests + 1 if is_same else 0
            self._last = payload
            return [SILENCE if is_silence else pcm]
        self._is_cut = True
        self._rests = 0
        return self._cutter.push(pcm)


class Opus:
    """libopus: the codec of a call that is given none."""

    def encoder(self) -> Encoder:
        """A new encoder."""
        return OpusEncoder()

    def decoder(self) -> Decoder:
        """A new decoder."""
        return OpusDecoder()
