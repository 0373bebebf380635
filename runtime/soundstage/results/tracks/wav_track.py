"""A recording: a WAV file on the time line of the run."""

from __future__ import annotations

import struct
import wave
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, BinaryIO, Final, Self

from soundstage.results.append_file import AppendFile
from soundstage.results.tracks.track_decoding import decoded_track
from soundstage.units import SAMPLE_BYTES, SAMPLE_RATE, Samples

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HEADER: Final = struct.Struct("<4sI4s4sIQQQI4sIHHIIHH4sI")
"""With room for the 64-bit sizes that an RF64 file has in front (EBU Tech 3306, 3.5)."""

_CHANNELS: Final = 12
"""Where in it the number of channels stands."""

_SIZES: Final = 28
"""Bytes of the chunk with 64-bit sizes, and of the JUNK chunk that keeps its place."""

_LIMIT: Final = 0xFFFF_FFFF - _HEADER.size
"""Bytes of sound beyond which a WAV file is RF64."""

_ELSEWHERE: Final = 0xFFFF_FFFF
"""A 32-bit size that says: see the 64-bit one."""

_HOUR: Final = 3600 * SAMPLE_RATE
"""Samples that are read at once where the whole track is wanted."""

_SPARSE: Final = 1 << 14
"""Bytes of silence beyond which leaving a hole is cheaper than writing it."""


class Track:
    """Writes 24 kHz 16-bit WAV whose first sample is the run's first.

    Beyond 4 GiB, a day of one channel, it becomes RF64.

    The file is playable at any moment, after a kill too: its header never claims more than is
    there, and says at every flush how much that is.

    Args:
        sink: an empty file.
        channels: 1, or 2 for interleaved left and right.

    Attributes:
        end: the time of the sample that comes next.
    """

    def __init__(self, sink: AppendFile, *, channels: int = 1) -> None:
        self._sink = sink
        self._channels = channels
        self._width = channels * SAMPLE_BYTES
        self._hold = self._width * SAMPLE_RATE
        self.end: Samples = 0
        self._claimed = 0
        sink.put(self._header(0))

    @classmethod
    def open(cls, path: Path, *, channels: int = 1) -> Track:
        """Create the file, or empty it.

        Raises:
            RecordingFailed: it cannot be written.
        """
        track = cls(AppendFile.open(path), channels=channels)
        with ExitStack() as undo:
            undo.callback(track.close)
            track.flush()
            undo.pop_all()
        return track

    def write_at(self, pts: Samples, pcm: bytes) -> None:
        """Put sound at its place in time.

        What is missing before it is silence. Where there is sound already it stays, and only what
        reaches beyond it is added.

        Args:
            pts: the time of the first sample.
            pcm: 24 kHz signed 16-bit little-endian samples, interleaved if there are two channels.

        Raises:
            RecordingFailed: the file takes no more; this sound is not added.
            ValueError: `pcm` is not a whole number of samples.
        """
        if len(pcm) % self._width:
            raise ValueError(f"{len(pcm)} bytes are not a whole number of samples")
        if self._sink.pending >= self._hold:
            self.flush()
        self.pad_to(pts)
        new = pcm[(self.end - pts) * self._width :]
        self._sink.put(new)
        self.end += len(new) // self._width

    def pad_to(self, pts: Samples) -> None:
        """Add silence up to a time; none if the track is longer already.

        Raises:
            RecordingFailed: the file takes no more.
        """
        missing = (pts - self.end) * self._width
        if missing <= 0:
            return
        if missing > _SPARSE:
            self._sink.extend(missing)
        else:
            self._sink.put(bytes(missing))
        self.end = pts

    def flush(self) -> None:
        """Write what waits in memory, and make the header say so.

        Raises:
            RecordingFailed: the file takes no more; what is in it is playable.
        """
        try:
            self._sink.drain()
        finally:
            self._settle()

    def close(self) -> None:
        """Flush, and close the file in any case.

        Raises:
            RecordingFailed: the file takes no more; what is in it is playable.
        """
        try:
            self.flush()
        finally:
            self._sink.close()

    def _settle(self) -> None:
        """Make the header claim what is in the file, in whole samples."""
        size = max(self._sink.written - _HEADER.size, 0)
        size -= size % self._width
        if size != self._claimed:
            self._sink.overwrite(self._header(size))
            self._claimed = size

    def _header(self, size: int) -> bytes:
        """A WAV header for so many bytes of sound."""
        whole = _HEADER.size - 8 + size
        if size > _LIMIT:
            chunk = (b"RF64", _ELSEWHERE, b"WAVE", b"ds64", _SIZES)
            sizes, claimed = (whole, size, size // self._width, 0), _ELSEWHERE
        else:
            chunk = (b"RIFF", whole, b"WAVE", b"JUNK", _SIZES)
            sizes, claimed = (0, 0, 0, 0), size
        rate = SAMPLE_RATE * self._width
        form = (b"fmt ", 16, 1, self._channels, SAMPLE_RATE, rate, self._width, SAMPLE_BYTES * 8)
        return _HEADER.pack(*chunk, *sizes, *form, b"data", claimed)


class TrackReader:
    """Reads a track a piece at a time, however long it is.

    Args:
        path: of a track that `Track` wrote, in any version, or that was packed as FLAC or Opus.

    Attributes:
        channels: 1, or 2 for interleaved left and right.

    Raises:
        OSError: it cannot be read.
        EOFError: it is no whole WAV file.
        wave.Error: it is none at all.
    """

    def __init__(self, path: Path) -> None:
        self._wave: wave.Wave_read | None = None
        self._file: BinaryIO | None = None
        self._samples: Iterator[bytes] = iter(())
        self._rest = b""
        if path.suffix != ".wav":
            decoded = decoded_track(path)
            self.channels = next(decoded)[0]
            self._samples = (pcm for _, pcm in decoded)
            return
        with ExitStack() as undo:
            file = undo.enter_context(path.open("rb"))
            header = file.read(_HEADER.size)
            if header[:4] == b"RF64" and len(header) == _HEADER.size:
                self._file = file
                self.channels = int(_HEADER.unpack(header)[_CHANNELS])
                if not self.channels:
                    raise wave.Error("it has no channel")
                undo.pop_all()
                return
        opened = wave.open(str(path), "rb")  # noqa: SIM115 - closed with this
        if opened.getsampwidth() != SAMPLE_BYTES:
            opened.close()
            raise wave.Error("its samples do not have 16 bits")
        self._wave = opened
        self.channels = opened.getnchannels()

    def read(self, length: Samples) -> bytes:
        """The next samples of each channel, fewer at the end, none behind it."""
        if self._wave is not None:
            return self._whole(self._wave.readframes(length))
        wanted = length * self.channels * SAMPLE_BYTES
        if self._file is not None:
            return self._whole(self._file.read(wanted))
        while len(self._rest) < wanted and (pcm := next(self._samples, b"")):
            self._rest += pcm
        taken, self._rest = self._rest[:wanted], self._rest[wanted:]
        return taken

    def _whole(self, pcm: bytes) -> bytes:
        """Without half a sample, with which a file ends that was cut off anywhere."""
        return pcm[: len(pcm) // (self.channels * SAMPLE_BYTES) * self.channels * SAMPLE_BYTES]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._wave is not None:
            self._wave.close()
        if self._file is not None:
            self._file.close()


def read_track(path: Path) -> bytes:
    """The samples of a track, interleaved if there are two channels.

    Raises:
        OSError: it cannot be read.
        EOFError: it is no whole WAV file.
        wave.Error: it is none at all.
    """
    with TrackReader(path) as track:
        return b"".join(iter(partial(track.read, _HOUR), b""))
