"""What workers are told of a batch, and what the command that makes it exits with."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from soundstage.kernel import utc_now
from soundstage.run import RUNS
from soundstage.servers import RunningServer

if TYPE_CHECKING:
    from collections.abc import Iterable


FEW: Final = 200
"""Runs of a batch below which all are kept whole, unless something else is asked for."""


class Keep(StrEnum):
    """Of which runs of a batch sound and derived files are kept; of the others, their logs."""

    ALL = "all"
    FAILED = "failed"
    """Of runs that did not end as the scenario declares, or failed an expectation."""
    NONE = "none"
    """Of none, and no logs either: only the ledger is left."""

    @classmethod
    def for_runs(cls, count: int) -> Keep:
        """What is kept of so many runs, where nothing is said."""
        return cls.ALL if count < FEW else cls.FAILED


class SweepRequest(Struct, frozen=True, kw_only=True):
    """What every worker runs.

    Attributes:
        file: the scenario.
        clock: `wall` or `virtual`.
        provider: the service for agents that name none; `local` where it is None.
        sets: `PATH=VALUE` each.
        out: the folder of all runs.
        cache: the folder of the speech cache; True for the user's own, False for none.
        keep: of which runs the whole folder is kept.
        sound: the format of their recordings: `wav`, `flac` or `opus`.
        servers: programs that run for all of its runs, by name.
    """

    file: str
    clock: str
    provider: str | None
    sets: tuple[str, ...]
    out: Path
    cache: Path | bool
    keep: Keep = Keep.ALL
    sound: str = "wav"
    servers: dict[str, RunningServer] = {}


def default_folder(stem: str, seeds: range) -> Path:
    """The folder of a batch that is given none: under `runs/`, named by time and seeds."""
    return RUNS / stem / f"{utc_now():%Y%m%dT%H%M%SZ}-{seeds[0]}-to-{seeds[-1]}"


def exit_code_of(outcomes: Iterable[str], *, interrupted: int = 0) -> int:
    """What the command exits with: 1 if any run failed, else 3 if any is invalid, else 0.

    Args:
        outcomes: of all runs.
        interrupted: what it exits with in any case, if it was broken off from outside.
    """
    kinds = set(outcomes)
    if interrupted:
        return interrupted
    if "failed" in kinds:
        return 1
    return 3 if kinds - {"ended"} else 0
