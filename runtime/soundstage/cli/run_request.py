"""What was asked of `run-scenario`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from soundstage.errors import UsageError
from soundstage.units import WALL

if TYPE_CHECKING:
    from pathlib import Path


class Request(Struct, frozen=True):
    """The options of one call of `run-scenario`."""

    file: str
    clock: str
    ui: str
    provider: str | None = None
    seed: int | None = None
    out: Path | None = None
    speaker: bool = False
    sets: tuple[str, ...] = ()
    cache: Path | None = None
    no_cache: bool = False
    repeat: int | None = None
    jobs: int | None = None
    keep: str | None = None
    sound: str | None = None
    until_decided: bool = False
    matrix: tuple[str, ...] = ()
    shard: str = ""
    engine: str = "local"
    address: str | None = None
    against: str | None = None
    watch: bool = False
    strict: bool = False

    @property
    def is_batch(self) -> bool:
        """Whether many runs are made."""
        return self.repeat is not None or self.until_decided

    def check(self) -> None:
        """Look for options that contradict each other.

        Raises:
            UsageError: two of them do.
        """
        if self.no_cache and self.cache is not None:
            raise UsageError("run-scenario: --cache and --no-cache contradict each other")
        if self.jobs is not None and not self.is_batch:
            raise UsageError("run-scenario: --jobs says how many of --repeat run at once")
        if self.matrix and not self.is_batch:
            raise UsageError("run-scenario: --matrix makes the cells of --repeat")
        if self.against is not None:
            self._check_against()
        if self.until_decided and self.shard:
            raise UsageError(
                "run-scenario: --until-decided needs all runs in one place: leave --shard out"
            )
        if self.shard:
            self._check_shard()
        if self.engine == "ray" and (not self.is_batch or self.clock == WALL):
            raise UsageError(
                "run-scenario: --engine ray makes the runs of --repeat with --clock virtual"
            )
        if self.address is not None and self.engine != "ray":
            raise UsageError("run-scenario: --address is that of a cluster for --engine ray")
        if self.sound is not None and self.repeat is None:
            raise UsageError("run-scenario: --sound is the format in which --repeat keeps sound")
        if self.keep is not None and not self.is_batch:
            raise UsageError("run-scenario: --keep says which runs of --repeat are kept whole")
        if self.watch and (self.is_batch or self.clock != WALL):
            raise UsageError(
                "run-scenario: --watch shows one run as it happens: it goes neither with --repeat "
                "nor with --clock virtual, where a run is over before it could be watched"
            )
        if self.speaker and self.is_batch:
            raise UsageError("run-scenario: --speaker plays one run, and --repeat makes many")

    def _check_against(self) -> None:
        if self.repeat is None:
            raise UsageError(
                "run-scenario: --against compares the runs of --repeat: say how many there are"
            )
        if self.until_decided or self.shard:
            raise UsageError(
                "run-scenario: --against compares all runs of both files, so --until-decided and "
                "--shard do not go with it"
            )
        if self.ui == "json":
            raise UsageError(
                "run-scenario: --against prints for people: for JSON, run both files and use "
                "soundstage compare --json"
            )

    def _check_shard(self) -> None:
        if self.repeat is None:
            raise UsageError("run-scenario: --shard says which part of --repeat is made")
        from soundstage.ledger import Shard  # noqa: PLC0415 - only a batch pays for it

        try:
            Shard.parse(self.shard)
        except ValueError as error:
            raise UsageError(f"run-scenario: --shard {error}") from None
