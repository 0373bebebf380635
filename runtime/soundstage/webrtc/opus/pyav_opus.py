"""Opus through PyAV's codecs, for a PyAV whose libopus cannot be called directly.

Encoding takes our 24 kHz mono as it is. Decoding leaves libopus at 48 kHz, the one rate that
FFmpeg opens it at, so it is halved here: by FFmpeg's own resampler, whose lag is two thirds of a
millisecond and which yields 480 samples for each packet, where a stream of soxr gives them in
lumps of 35 ms.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final, Protocol, cast

import av
from av import AudioFrame, Packet
from av.filter import Graph

from soundstage.units import FRAME_SAMPLES, SAMPLE_BYTES, SAMPLE_RATE, Samples
from soundstage.webrtc.opus.libopus import BIT_RATE

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


class PyavEncoder:
    """Frames of 24 kHz mono in, packets out: those of `LibopusEncoder`, to the byte."""

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
        # One frame serves for all: libopus has read it when `encode` returns.
        self._frame = AudioFrame(format="s16", layout="mono", samples=FRAME_SAMPLES)
        self._frame.sample_rate = SAMPLE_RATE
        self._frame.time_base = _TIME_BASE
        self._plane = self._frame.planes[0]

    def encode(self, pcm: bytes) -> bytes:
        """Encode the next frame, `FRAME_BYTES` long.

        Raises:
            ValueError: it has another length.
        """
        self._plane.update(pcm)
        # libopus starts at -156 if it counts itself (its look-ahead): our numbers are kept.
        self._frame.pts = self._pts
        (packet,) = self._codec.encode(self._frame)
        self._pts += FRAME_SAMPLES
        return bytes(packet)


class PyavDecoder:
    """Packets in, 24 kHz mono out."""

    def __init__(self) -> None:
        codec = cast("_Codec", av.CodecContext.create("libopus", "r"))
        codec.sample_rate = _DECODER_RATE
        codec.layout = "mono"
        self._codec = codec
        self._halver = _Halver()
        # The resampler holds these back at first; zeros ahead make each packet give a whole frame.
        self._rest = bytes(_HALVING_LAG * SAMPLE_BYTES)

    def decode(self, packet: bytes) -> bytes:
        """The samples of the next packet, s16le.

        Raises:
            av.FFmpegError: it is no Opus packet.
        """
        pcm = b"".join(
            self._halver.halve(decoded) for decoded in self._codec.decode(Packet(packet))
        )
        self._rest, pcm = b"", self._rest + pcm
        return pcm


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
