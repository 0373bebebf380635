"""`soundstage trace`: sends runs that are over as traces, from their folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.errors import InfrastructureError
from soundstage.results import RunFolder, runs_at
from soundstage.telemetry import check_export, export_run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


def send_traces(runs: Sequence[Path]) -> Iterator[Path]:
    """Send each run, and say which folder it is.

    Args:
        runs: their folders; of a folder of many runs, each run in it.

    Raises:
        RunFolderError: there is no run, or it cannot be read.
        UsageError: the libraries are not installed, or the environment asks for what they cannot.
        InfrastructureError: one was not taken.
    """
    check_export()
    for path in runs_at(runs):
        failed = export_run(RunFolder.find(path))
        if failed:
            raise InfrastructureError(f"{path} was not sent: {failed}")
        yield path
