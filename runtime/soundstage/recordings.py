"""Recordings as the runtime's own audio: any file that FFmpeg reads, as 24 kHz mono PCM."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from soundstage.audio import Resampler, to_pcm
from soundstage.errors import UsageError
from soundstage.units import SAMPLE_BYTES, SAMPLE_RATE, Samples, samples_of_seconds, seconds_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

LONGEST: Final[Samples] = samples_of_seconds(30 * 60)
"""The longest recording that is read: it is held in memory."""

LONGEST_CUE: Final[Samples] = samples_of_seconds(120)
"""The longest recording that a cue plays or an effect mixes in."""


def read_recording(path: Path, *, longest: Samples = LONGEST) -> bytes:
    """All of a recording.

    Channels are averaged, and other rates resampled with float arithmetic, so that the same file
    gives the same bytes every time.

    Args:
        path: of the file.
        longest: how long it may be.

    Returns:
        24 kHz mono signed 16-bit samples.

    Raises:
        UsageError: it is missing, holds no sound that can be read, or is longer than it may be.
    """
    if not path.is_file():
        raise UsageError(f"{path} is no file: a recording is expected there")
    # FFmpeg's bindings are heavy: only a run that reads a recording pays for them.
    av = import_module("av")
    try:
        with av.open(str(path)) as container:
            pcm = b"".join(_bounded(_decoded(container, av), path, longest))
    except (av.FFmpegError, OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read as a recording: {error}") from None
    if not pcm:
        raise UsageError(f"{path} holds no sound")
    return pcm


def _decoded(container: Any, av: Any) -> Iterator[bytes]:
    if not container.streams.audio:
        raise ValueError("it has no audio stream")
    stream = container.streams.audio[0]
    # FFmpeg's own way to one channel adds two of them at 0.71 each, which may be too loud.
    planes = av.AudioResampler(format="fltp", rate=stream.rate)
    resampler = None if stream.rate == SAMPLE_RATE else Resampler(stream.rate, SAMPLE_RATE)
    for frame in container.decode(stream):
        for converted in planes.resample(frame):
            samples: NDArray[np.float32] = converted.to_ndarray().mean(axis=0, dtype=np.float32)
            yield to_pcm(samples if resampler is None else resampler.push(samples))
    if resampler is not None:
        yield to_pcm(resampler.flush())


def _bounded(blocks: Iterator[bytes], path: Path, longest: Samples) -> Iterator[bytes]:
    size = 0
    for block in blocks:
        size += len(block)
        if size > longest * SAMPLE_BYTES:
            raise UsageError(f"{path} is longer than {seconds_of(longest):g} s")
        yield block
