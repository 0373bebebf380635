"""The reports of a batch, written when its command ends: the page, JUnit's file, and GitHub's."""

from __future__ import annotations

import os
import shlex
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soundstage.batch_report import (
    expectation_cases,
    job_summary,
    workflow_commands,
    write_batch_page,
    write_junit,
)
from soundstage.config import written_set
from soundstage.ledger import cell_name, sorted_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soundstage.ledger import BatchPlan
    from soundstage.sweep import Summary


def write_reports(folder: Path, plan: BatchPlan, summary: Summary, replay: str = "") -> None:
    """Write them; on GitHub, add to the job's summary and print its annotations.

    Args:
        folder: of the batch.
        plan: of it.
        summary: of it.
        replay: the command that plays one run again, without what its cell sets and its seed;
            empty where it is not known.

    Raises:
        RunFolderError: the ledger cannot be read.
        RecordingFailed: a file cannot be written.
    """
    cases = expectation_cases(sorted_rows(folder, plan))
    sets = {cell_name(cell) if cell else "": cell for cell in plan.cells}
    again = partial(_again, replay, sets)
    write_junit(folder, summary, cases, again)
    write_batch_page(folder, summary, cases, again)
    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        try:
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(job_summary(summary, cases, again))
        except OSError as error:
            sys.stderr.write(f"warning: the job's summary was not written: {error}\n")
    if os.environ.get("GITHUB_ACTIONS") == "true":
        # Not to stdout, which may be JSON; GitHub reads commands from both.
        sys.stderr.write("".join(f"{line}\n" for line in workflow_commands(summary, cases)))


def _again(replay: str, cells: Mapping[str, Mapping[str, Any]], cell: str, seed: int) -> str:
    if not replay:
        return ""
    return replay_command(replay, cells.get(cell, {}), seed)


def replay_command(replay: str, sets: Mapping[str, Any], seed: int) -> str:
    """The command that plays one run of a batch again."""
    told = "".join(
        f" --set {shlex.quote(written_set(path, value))}" for path, value in sets.items()
    )
    return f"{replay}{told} --seed {seed}"
