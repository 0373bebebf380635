"""From the packets of a sound file to samples, past those that are damaged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from soundstage.recordings.file_parts import FilePart

Block: TypeAlias = tuple[NDArray[np.float32], int]
"""(channels, n) samples where 1.0 is full scale, and their rate."""

_DTYPES: Final = {"u8": "u1", "s16": "<i2", "s32": "<i4", "s64": "<i8", "flt": "<f4", "dbl": "<f8"}
"""FFmpeg's sample formats; those that end with p keep each channel apart."""

_RETRIES: Final = 100
"""How often a file may fail to hand over its next packet before it counts as ended."""


class Decoder:
    """Decodes sound files.

    Attributes:
        bad_packets: how many could not be decoded.
        channels: the most that were found at once.
    """

    def __init__(self, av: Any) -> None:
        self._av = av
        self.bad_packets = 0
        self.channels = 0

    def blocks(self, parts: Iterable[FilePart]) -> Iterator[Block]:
        """The samples of these files, one after the other.

        Raises:
            av.FFmpegError: a file cannot be opened; this is a `ValueError` for invalid data.
            ValueError: a file has no sound, or none that FFmpeg decodes.
        """
        failure: Exception | None = None
        found = False
        for part in parts:
            try:
                for block in self._of_part(part):
                    found = True
                    yield block
            except (self._av.FFmpegError, ValueError) as error:
                failure = failure or error
                self.bad_packets += 1
        if failure is not None and not found:
            self.bad_packets = 0
            raise ValueError(getattr(failure, "strerror", None) or str(failure)) from failure

    def _of_part(self, part: FilePart) -> Iterator[Block]:
        with self._av.open(part.source, format=part.format, options=dict(part.options)) as file:
            stream = file.streams.best("audio")
            if stream is None:
                raise ValueError("it has no audio stream")
            if stream.codec_context is None:
                raise ValueError("FFmpeg has no decoder for it")
            decoded = 0
            for packet in self._packets(file, stream):
                for frame in self._frames(packet):
                    decoded += frame.samples
                    self.channels = max(self.channels, frame.layout.nb_channels)
                    yield _samples_of(frame), frame.sample_rate
            if not decoded and self.bad_packets:
                raise ValueError("none of its packets can be decoded")

    def _packets(self, file: Any, stream: Any) -> Iterator[Any]:
        for _ in range(_RETRIES):
            try:
                yield from file.demux(stream)
            except self._av.EOFError:
                return
            except self._av.FFmpegError:
                self.bad_packets += 1
            else:
                return

    def _frames(self, packet: Any) -> list[Any]:
        try:
            frames: list[Any] = packet.decode()
        except self._av.EOFError:
            return []
        except self._av.FFmpegError:
            self.bad_packets += 1
            return []
        return frames


def _samples_of(frame: Any) -> NDArray[np.float32]:
    """(channels, n): by hand, since FFmpeg's converter takes neither changes nor odd layouts."""
    name: str = frame.format.name
    planar = name.endswith("p")
    dtype = np.dtype(_DTYPES[name.removesuffix("p")])
    channels = frame.layout.nb_channels
    count = frame.samples * (1 if planar else channels)
    rows = [np.frombuffer(plane, dtype, count) for plane in frame.planes]
    values = np.stack(rows) if planar else rows[0].reshape(-1, channels).T
    if dtype.kind == "f":
        # A damaged packet, or a file of floats, may hold what is too large or no number.
        with np.errstate(over="ignore", invalid="ignore"):
            return values.astype(np.float32)
    if dtype.kind == "u":
        return (values.astype(np.float32) - 128) / np.float32(128)
    return values.astype(np.float32) / np.float32(2 ** (8 * dtype.itemsize - 1))
