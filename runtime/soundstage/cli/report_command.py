"""`soundstage report`: the pages of runs that are over, made again from their folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.report import write_report
from soundstage.results import RunFolder, runs_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


def write_reports(runs: Sequence[Path], *, embed_audio: bool) -> Iterator[Path]:
    """Write the page of each run, and say which file it is.

    Args:
        runs: their folders; of a folder of many runs, each run in it.
        embed_audio: whether the sound is part of the page.

    Raises:
        RunFolderError: there is no run, or it cannot be read.
        RecordingFailed: a page cannot be written.
    """
    for path in runs_at(runs):
        yield write_report(RunFolder.find(path), embed_audio=embed_audio)
