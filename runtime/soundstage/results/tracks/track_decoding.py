"""The samples of a recording that was packed as FLAC or Opus."""

from __future__ import annotations

import wave
from typing import TYPE_CHECKING

from soundstage.units import SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def decoded_track(path: Path) -> Iterator[tuple[int, bytes]]:
    """The number of channels and some samples, again and again; the first piece may be empty.

    Args:
        path: of a FLAC or Opus file.

    Yields:
        24 kHz signed 16-bit samples, interleaved if there are two channels.

    Raises:
        OSError: it cannot be read.
        wave.Error: it is no such recording.
    """
    import av  # noqa: PLC0415 - as in packing: few recordings are packed
    from av.error import FFmpegError  # noqa: PLC0415 - likewise

    try:
        with av.open(str(path)) as source:
            stream = source.streams.audio[0]
            channels = stream.codec_context.channels
            if not stream.codec_context.sample_rate:
                raise wave.Error("it is no recording that can be read: it says no sample rate")
            yield channels, b""
            layout = "stereo" if channels > 1 else "mono"
            resampler = av.AudioResampler(format="s16", layout=layout, rate=SAMPLE_RATE)
            for frame in source.decode(stream):
                for piece in resampler.resample(frame):
                    yield channels, piece.to_ndarray().tobytes()
            for piece in resampler.resample(None):
                yield channels, piece.to_ndarray().tobytes()
    except (FFmpegError, IndexError) as error:
        if isinstance(error, OSError):
            raise
        raise wave.Error(f"it is no recording that can be read: {error}") from error
