"""One reader of recordings, as tolerant as players are."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from msgspec import Struct

from soundstage.audio import Resampler, to_pcm
from soundstage.errors import UsageError
from soundstage.recordings.decoding import Decoder
from soundstage.recordings.file_parts import parts_of, without_stray_bytes
from soundstage.units import SAMPLE_BYTES, SAMPLE_RATE, Samples, samples_of_seconds, seconds_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from soundstage.config.values import Channel
    from soundstage.recordings.decoding import Block

LONGEST: Final[Samples] = samples_of_seconds(30 * 60)
"""The longest recording that is read: it is held in memory."""

LONGEST_CUE: Final[Samples] = samples_of_seconds(120)
"""The longest recording that a cue plays or an effect mixes in."""

_SILENT: Final = 10
"""A peak of 16-bit samples, -70 dB of full scale, below which a recording holds no sound."""

_LOUDEST: Final = 1000.0
"""How far a sample may go, where 1.0 is full scale, before it is clipped."""

_RATES: Final = range(1_000, 1_000_001)
"""Samples a second that a real recording has; a damaged header claims others."""

_SIDES: Final = {"left": 1, "right": 2}

_ADVICE: Final = "save it as WAV, FLAC, Ogg or MP3 with the program that made it"


class Recording(Struct, frozen=True):
    """A recording that was read.

    Attributes:
        pcm: 24 kHz mono signed 16-bit little-endian samples, at least one.
        remarks: what is unusual about it, one line each that names the file.
    """

    pcm: bytes
    remarks: tuple[str, ...] = ()


def read_recording(
    path: Path, *, longest: Samples = LONGEST, channel: Channel | None = None
) -> Recording:
    """All of a recording, with what a player would play of a damaged one.

    Channels are averaged, or one of them is taken. Other rates are resampled with float arithmetic,
    so that the same file gives the same bytes every time. A packet that cannot be decoded is left
    out. Rate and channels may change within the file.

    Args:
        path: of the file.
        longest: how long it may be.
        channel: the only channel that is read, `left`, `right` or its number from 1.

    Raises:
        UsageError: it is missing, holds no sound that can be read, lacks that channel, or is longer
            than it may be.
    """
    if not _is_file(path):
        raise UsageError(f"{path} is no file: a recording is expected there")
    # FFmpeg's bindings are heavy: only a run that reads a recording pays for them.
    av = import_module("av")
    try:
        if path.stat().st_size == 0:
            raise UsageError(f"{path} is empty: {_ADVICE}")
        reader = _Reader(av, path, longest, channel)
        pcm = reader.read()
    except (av.FFmpegError, OSError, ValueError, ArithmeticError, LookupError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        if reason == "End of file":
            reason = "it ends before its sound begins"
        raise UsageError(f"{path} cannot be read as a recording ({reason}): {_ADVICE}") from None
    return Recording(pcm, tuple(reader.remarks(pcm)))


class _Reader:
    """Reads one file."""

    def __init__(self, av: Any, path: Path, longest: Samples, channel: Channel | None) -> None:
        self._path = path
        self._longest = longest
        self._channel = channel
        self._number = _SIDES[channel] if isinstance(channel, str) else channel
        self._decoder = Decoder(av)
        self._has_channel = channel is None

    def read(self) -> bytes:
        """Its samples."""
        pcm = b""
        try:
            parts = parts_of(self._path)
            pcm = b"".join(self._bounded(self._converted(self._decoder.blocks(parts))))
        except ValueError:
            # A player that goes by the chunks of a WAV file is lost after one stray byte.
            repaired = without_stray_bytes(self._path)
            if repaired is None:
                raise
            pcm = b"".join(self._bounded(self._converted(self._decoder.blocks([repaired]))))
        if not pcm:
            raise UsageError(f"{self._path} holds no sound: {_ADVICE}")
        if not self._has_channel:
            count = self._decoder.channels
            has = "one channel" if count == 1 else f"{count} channels"
            raise UsageError(
                f"{self._path} has {has}, so there is no channel {self._channel}: "
                "name another one, or leave channel out"
            )
        return pcm

    def remarks(self, pcm: bytes) -> Iterator[str]:
        """What is unusual about it."""
        bad = self._decoder.bad_packets
        if bad:
            packets = "one packet" if bad == 1 else f"{bad} packets"
            yield f"{self._path} is damaged: it plays without {packets} that cannot be decoded"
        samples = np.frombuffer(pcm, "<i2")
        if max(int(samples.max()), -int(samples.min())) < _SILENT:
            where = "" if self._channel is None else f" in channel {self._channel}"
            yield f"{self._path} is silent{where}: nothing will be heard of it"

    def _gathered(self, blocks: Iterator[Block]) -> Iterator[Block]:
        """Mono blocks of a second or more: packets may be as short as 10 ms."""
        waiting: list[NDArray[np.float32]] = []
        size, last = 0, 0
        for samples, rate in blocks:
            if rate not in _RATES:
                raise ValueError(f"its rate of {rate} Hz is none that a recording has")
            if waiting and (rate != last or size >= last):
                yield _finite(np.concatenate(waiting)), last
                waiting, size = [], 0
            last = rate
            waiting.append(self._mono(samples))
            size += samples.shape[1]
        if waiting:
            yield _finite(np.concatenate(waiting)), last

    def _converted(self, blocks: Iterator[Block]) -> Iterator[bytes]:
        resampler: Resampler | None = None
        for mono, rate in self._gathered(blocks):
            if resampler is None or resampler.source_rate != rate:
                if resampler is not None:
                    yield to_pcm(resampler.flush())
                resampler = Resampler(rate, SAMPLE_RATE)
            yield to_pcm(mono if rate == SAMPLE_RATE else resampler.push(mono))
        if resampler is not None:
            yield to_pcm(resampler.flush())

    def _mono(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """(channels, n) to (n,): the mean, or the channel that is asked for.

        FFmpeg's own way to one channel adds two of them at 0.71 each, which may be too loud.
        """
        if self._number is None:
            with np.errstate(over="ignore", invalid="ignore"):
                mean: NDArray[np.float32] = samples.mean(axis=0, dtype=np.float32)
            return mean
        if self._number > len(samples):
            # The time line stays whole where the channel is missing for a while.
            return np.zeros(samples.shape[1], np.float32)
        self._has_channel = True
        taken: NDArray[np.float32] = samples[self._number - 1]
        return taken

    def _bounded(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        size = 0
        for block in blocks:
            size += len(block)
            if size > self._longest * SAMPLE_BYTES:
                raise UsageError(
                    f"{self._path} is longer than {seconds_of(self._longest):g} s: cut it"
                )
            yield block


def _finite(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """A damaged packet, or a file of floats, may hold what is no number."""
    finite = np.nan_to_num(samples, copy=False, nan=0.0, posinf=1.0, neginf=-1.0)
    return np.clip(finite, -_LOUDEST, _LOUDEST, out=finite)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        # A name that is too long for the file system names none.
        return False
