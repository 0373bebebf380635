"""The sound of a run as a part of its report: Opus in WebM, in base64."""

from __future__ import annotations

import base64
import io
import wave
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

import av
import numpy as np
from av.error import FFmpegError

from soundstage.audio import as_array
from soundstage.errors import RunFolderError
from soundstage.report.sound import Sound, recording_of
from soundstage.results import TrackReader
from soundstage.units import SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from soundstage.results import RunFolder

_BIT_RATE: Final = 40_000
_BLOCK: Final = 10 * SAMPLE_RATE


def embedded_sound(folder: RunFolder, agents: Sequence[str], mixed: str) -> Sound:
    """The recording called `mixed`, or else all agents together, as Opus inside the page.

    Raises:
        RunFolderError: nothing was recorded, or it cannot be read.
    """
    said = [recording_of(folder, agent) for agent in agents]
    paths = [folder.mix] if folder.mix.is_file() else [path for path in said if path is not None]
    if not paths:
        raise RunFolderError(
            f"there is no sound in {folder.sounds} to put into the report: record.tracks and "
            "record.mix of the scenario say what is kept"
        )
    try:
        body = base64.b64encode(_opus(paths)).decode()
    except (OSError, EOFError, wave.Error, FFmpegError) as error:
        raise RunFolderError(f"the sound in {folder.sounds} cannot be read: {error}") from error
    return Sound(mixed if folder.mix.is_file() else "All agents", f"data:audio/webm;base64,{body}")


def _opus(paths: Sequence[Path]) -> bytes:
    """One recording, or the sum of several, as Opus in WebM; the same bytes each time."""
    written = io.BytesIO()
    with ExitStack() as opened:
        tracks = [opened.enter_context(TrackReader(path)) for path in paths]
        layout = "stereo" if tracks[0].channels > 1 else "mono"
        options = {"fflags": "+bitexact"}
        target = opened.enter_context(av.open(written, "w", format="webm", options=options))
        stream = target.add_stream("libopus", rate=SAMPLE_RATE, bit_rate=_BIT_RATE, layout=layout)
        pts = 0
        for pcm in _mixed(tracks):
            frame = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout=layout)
            frame.sample_rate, frame.pts = SAMPLE_RATE, pts
            pts += frame.samples
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return written.getvalue()


def _mixed(tracks: Sequence[TrackReader]) -> Iterator[NDArray[np.int16]]:
    """The sum of some tracks of as many channels, a block at a time."""
    while True:
        blocks = [as_array(track.read(_BLOCK)) for track in tracks]
        longest = max(map(len, blocks))
        if not longest:
            return
        total = np.zeros(longest, np.int32)
        for block in blocks:
            total[: len(block)] += block
        yield np.clip(total, -32_768, 32_767).astype(np.int16)
