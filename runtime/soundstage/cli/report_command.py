"""`soundstage report`: the pages of runs that are over, made again from their folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.errors import RunFolderError
from soundstage.report import write_report
from soundstage.results import RunFolder

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
    for path in runs:
        for folder in _runs_of(path):
            yield write_report(folder, embed_audio=embed_audio)


def _runs_of(path: Path) -> Iterator[RunFolder]:
    try:
        folder = RunFolder.find(path)
    except RunFolderError:
        found = sorted(path.glob("*/events.jsonl")) if path.is_dir() else []
        if not found:
            raise
        # `latest` beside them is one of them once more.
        yield from (RunFolder(each.parent) for each in found if not each.parent.is_symlink())
    else:
        yield folder
