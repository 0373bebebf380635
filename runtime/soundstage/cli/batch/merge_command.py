"""`soundstage merge`: the parts of a batch, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.cli.batch.batch_reports import write_reports
from soundstage.cli.batch.repeat_command import print_summary
from soundstage.sweep import merge, write_tables

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def merge_batches(parts: Sequence[Path], out: Path) -> int:
    """Put batches together, and write the tables of the whole; returns the exit code.

    Args:
        parts: their folders.
        out: the folder of the whole.

    Returns:
        1 if a run failed, else 3 if one is invalid, missing, or there twice with two results, else
        0.

    Raises:
        RunFolderError: they are not of one batch.
        RecordingFailed: the whole cannot be written.
    """
    plan = merge(parts, out)
    summary = write_tables(out, plan)
    write_reports(out, plan, summary)
    print_summary(summary, out)
    return summary.exit_code
