"""A recording as FLAC, which loses nothing, or as Opus, which is a fraction of that."""

from __future__ import annotations

import wave
from typing import TYPE_CHECKING, Any, Final

from soundstage.audio import as_array
from soundstage.results.tracks.wav_track import TrackReader
from soundstage.units import SAMPLE_RATE

if TYPE_CHECKING:
    from pathlib import Path

PACKED: Final = {"flac": ".flac", "opus": ".opus"}
"""The formats that a recording can be packed in, and how their files' names end."""

_CODECS: Final = {"flac": ("flac", "flac", None), "opus": ("libopus", "ogg", 40_000)}
"""FFmpeg's codec and container, and bits a second where the format loses something."""

_BLOCK: Final = 10 * SAMPLE_RATE


def pack_track(path: Path, form: str) -> Path:
    """Write a recording in another format, and remove the WAV file; returns the new one.

    The same sound gives the same bytes.

    Args:
        path: a WAV file that `Track` wrote.
        form: a key of `PACKED`.

    Raises:
        OSError: it cannot be read or written, or is none; the WAV file is there then.
    """
    # PyAV takes longer to load than most runs, and few are packed.
    import av  # noqa: PLC0415
    from av.error import FFmpegError  # noqa: PLC0415 - likewise

    codec, container, bits = _CODECS[form]
    packed = path.with_suffix(PACKED[form])
    fresh = packed.with_name(f"{packed.name}.part")
    try:
        with (
            TrackReader(path) as track,
            av.open(str(fresh), "w", format=container, options={"fflags": "+bitexact"}) as target,
        ):
            layout = "stereo" if track.channels > 1 else "mono"
            stream: Any = target.add_stream(codec, rate=SAMPLE_RATE, layout=layout)
            if bits is not None:
                stream.bit_rate = bits
            pts = 0
            while pcm := track.read(_BLOCK):
                samples = as_array(pcm).reshape(1, -1)
                frame = av.AudioFrame.from_ndarray(samples, format="s16", layout=layout)
                frame.sample_rate, frame.pts = SAMPLE_RATE, pts
                pts += frame.samples
                target.mux(stream.encode(frame))
            target.mux(stream.encode(None))
    except (FFmpegError, EOFError, wave.Error) as error:
        fresh.unlink(missing_ok=True)
        raise OSError(getattr(error, "errno", None) or 0, str(error)) from error
    fresh.replace(packed)
    path.unlink()
    return packed
