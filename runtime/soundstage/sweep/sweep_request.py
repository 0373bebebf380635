"""What workers are told, and what they tell of each run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from soundstage.errors import RunFolderError
from soundstage.kernel import utc_now
from soundstage.results import Turn, claim
from soundstage.run import RUNS

if TYPE_CHECKING:
    from collections.abc import Iterable


TABLE: Final = "runs.csv"
"""The table of all runs; it is there, and empty, from the beginning."""


class SweepRequest(Struct, frozen=True, kw_only=True):
    """What every worker runs.

    Attributes:
        file: the scenario.
        clock: `wall` or `virtual`.
        provider: the service for agents that name none; `local` where it is None.
        sets: `PATH=VALUE` each.
        out: the folder of all runs.
        cache: the folder of the speech cache; True for the user's own, False for none.
    """

    file: str
    clock: str
    provider: str | None
    sets: tuple[str, ...]
    out: Path
    cache: Path | bool

    def folder(self, seed: int) -> Path:
        """The folder of one run."""
        return self.out / f"seed-{seed}"


class RunReport(Struct, frozen=True, kw_only=True):
    """One run of many, as it came out.

    Attributes:
        seed: of the run.
        outcome: `ended`, `failed`, `invalid` or `interrupted`.
        reason: what decided it; `worker:…` where its process died.
        exit_code: what a run of its own would have exited with.
        explanation: the same in a sentence, or empty.
        duration: seconds of its own clock.
        wall: seconds that it took.
        turns: everybody's, by their start.
        drawn: what its seed decided before the run, by the path of the key.
        fingerprint: the same for two runs in which the same was played and called at the same
            times; empty for a run that was broken off.
    """

    seed: int
    outcome: str
    reason: str
    exit_code: int
    explanation: str = ""
    duration: float = 0.0
    wall: float = 0.0
    turns: tuple[Turn, ...] = ()
    drawn: dict[str, Any] = {}
    fingerprint: str = ""


def repeat_folder(stem: str, seeds: range, out: Path | None) -> Path:
    """The folder of all runs, made: `out`, or one under `runs/` named by time and seeds.

    Raises:
        RunFolderError: it is not empty, or cannot be made, or another repeat has just taken it.
    """
    name = f"{utc_now():%Y%m%dT%H%M%SZ}-{seeds[0]}-to-{seeds[-1]}"
    folder = claim(out or RUNS / stem / name)
    try:
        # Of two repeats that found the same folder empty, one makes the table, in one step.
        (folder / TABLE).touch(exist_ok=False)
    except OSError as error:
        raise RunFolderError(
            f"{folder} cannot be used: {error.strerror or error} ({TABLE}); "
            "name another folder with --out"
        ) from error
    return folder


def exit_code_of(reports: Iterable[RunReport], *, interrupted: int = 0) -> int:
    """What the command exits with: 1 if any run failed, else 3 if any is invalid, else 0.

    Args:
        reports: of all runs.
        interrupted: what it exits with in any case, if it was broken off from outside.
    """
    outcomes = {report.outcome for report in reports}
    if interrupted:
        return interrupted
    if "failed" in outcomes:
        return 1
    return 3 if outcomes - {"ended"} else 0
