"""Opus, encoded once and decoded once, through PyAV's libopus.

Encoding takes our 24 kHz mono as it is. Decoding leaves libopus at 48 kHz, the one rate that
FFmpeg opens it at, so it is halved here: by FFmpeg's own resampler, whose lag is two thirds of a
millisecond and which yields 480 samples for each packet, where a stream of soxr gives them in
lumps of 35 ms.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

import av
from av import AudioFrame, Packet
from av.filter import Graph

from soundstage.audio import FrameCutter
from soundstage.units import FRAME_SAMPLES, SAMPLE_BYTES, SAMPLE_RATE, SILENCE, Samples

if TYPE_CHECKING:
    from soundstage.webrtc.audio_codec import Decoder, Encoder

BIT_RATE: Final = 32_000
"""Bits a second: the low end of what is transparent for mono speech."""

_AT_REST: Final = 3
"""Bytes of a packet that says no more than that there is nothing to hear."""

_DECODER_RATE: Final = 48_000
_TIME_BASE: Final = Fraction(1, SAMPLE_RATE)
_HALVING_LAG: Final[Samples] = 16
"""What FFmpeg's resampler holds back of 24 kHz samples; so many zeros go ahead of its first."""


class _Codec(Protocol):
    """What is used of PyAV's audio codecs, whose packets are generics without a type."""

    sample_rate: int
    layout: str
    format: str
    bit_rate: int
    time_base: Fraction
    options: dict[str, str]

    def encode(self, frame: AudioFrame) -> list[Any]: ...

    def decode(self, packet: object) -> list[AudioFrame]: ...


class OpusEncoder:
    """Frames in, packets out, one for one.

    `lowdelay` keeps libopus in CELT: against `voip`, which is SILK and CELT together at this
    rate, it takes half the time at either end and four milliseconds off the delay. Once it has
    come to rest on silence its packets are all the same, so that more of it costs nothing.
    """

    def __init__(self) -> None:
        codec = cast("_Codec", av.CodecContext.create("libopus", "w"))
        codec.sample_rate = SAMPLE_RATE
        codec.layout = "mono"
        codec.format = "s16"
        codec.bit_rate = BIT_RATE
        codec.time_base = _TIME_BASE
        codec.options = {
            "application": "lowdelay",
            "compression_level": "0",
            "frame_duration": "20",
        }
        self._codec = codec
        self._pts: Samples = 0
        self._silent: bytes | None = None
        # One frame serves for all: libopus has read it when `encode` returns.
        self._frame = AudioFrame(format="s16", layout="mono", samples=FRAME_SAMPLES)
        self._frame.sample_rate = SAMPLE_RATE
        self._frame.time_base = _TIME_BASE
        self._plane = self._frame.planes[0]

    def encode(self, pcm: bytes) -> bytes:
        """Encode the next frame, `FRAME_BYTES` of 24 kHz mono s16le."""
        # By identity: the kernel sends this very object, and comparing 960 bytes would cost more.
        if pcm is SILENCE and self._silent is not None:
            return self._silent
        self._plane.update(pcm)
        # libopus starts at -156 if it counts itself (its look-ahead): our numbers are kept.
        self._frame.pts = self._pts
        (packet,) = self._codec.encode(self._frame)
        self._pts += FRAME_SAMPLES
        payload = bytes(packet)
        # Only a short packet is at rest: the first ones of a silence still hold the voice's end.
        at_rest = pcm is SILENCE and len(payload) <= _AT_REST
        self._silent = payload if at_rest else None
        return payload


class OpusDecoder:
    """Packets in, 20 ms frames of 24 kHz mono out; a lost packet is concealed by libopus."""

    def __init__(self) -> None:
        codec = cast("_Codec", av.CodecContext.create("libopus", "r"))
        codec.sample_rate = _DECODER_RATE
        codec.layout = "mono"
        self._codec = codec
        self._halver = _Halver()
        self._cutter = FrameCutter()
        # The resampler holds these back at first; zeros ahead make each packet give a whole frame.
        self._cutter.push(bytes(_HALVING_LAG * SAMPLE_BYTES))
        self._conceal: object = None

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
            packet = self._conceal
            if packet is None:
                return []
        else:
            packet = Packet(payload)
            # A configuration byte alone, one frame of no length: "DTX or lost packet" (RFC 6716,
            # 3.2.1), for which libopus makes up a frame from what came before.
            self._conceal = Packet(bytes((payload[0] & 0xFC,)))
        frames: list[bytes] = []
        for decoded in self._codec.decode(packet):
            frames += self._cutter.push(self._halver.halve(decoded))
        return frames


class Opus:
    """PyAV's libopus: the codec of a call that is given none."""

    def encoder(self) -> Encoder:
        """A new encoder."""
        return OpusEncoder()

    def decoder(self) -> Decoder:
        """A new decoder."""
        return OpusDecoder()


class _Halver:
    """48 kHz to 24 kHz.

    PyAV's own resampler is this same graph, asked once more after each frame whether there is
    another, which costs an exception and more than the resampling; and left to itself a graph
    starts a thread for each core and hands it nothing.
    """

    def __init__(self) -> None:
        graph = Graph()
        graph.threads = 1
        source = graph.add(
            "abuffer",
            sample_rate=str(_DECODER_RATE),
            sample_fmt="s16",
            channel_layout="mono",
            time_base=f"1/{_DECODER_RATE}",
        )
        resampler = graph.add("aresample", str(SAMPLE_RATE))
        sink = graph.add("abuffersink")
        source.link_to(resampler)
        resampler.link_to(sink)
        graph.configure()
        self._source, self._sink = source, sink
        self._graph = graph

    def halve(self, frame: AudioFrame) -> bytes:
        self._source.push(frame)
        halved = cast("AudioFrame", self._sink.pull())
        return bytes(halved.planes[0])[: halved.samples * SAMPLE_BYTES]
