"""`batch.json`: what a batch consists of, and the digest that says whether two are the same."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec
from msgspec import Struct

from soundstage.errors import RunFolderError
from soundstage.json_text import NotJson, read_json_as
from soundstage.ledger.unit import NO_MATRIX, Shard, units_of
from soundstage.results import save_text
from soundstage.verdict import VerdictRule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from soundstage.ledger.unit import Unit

PLAN: Final = "batch.json"
"""The plan of a batch, in its folder."""

PLAN_VERSION: Final = 1
"""Raised when a field changes its meaning or goes; new fields do not raise it."""

_SHOWN: Final = 5
"""Differences between two identities that a message tells."""

_encoder: Final = msgspec.json.Encoder(order="deterministic")


class BatchPlan(Struct, frozen=True, kw_only=True):
    """What a batch consists of.

    Attributes:
        version: of this file's format.
        digest: of `identity`: two batches with the same one have the same units.
        scenario: the file's stem.
        clock: `wall` or `virtual`.
        seed: the first one.
        runs: how many seeds of each cell, counting up.
        cells: the combinations of the matrix, key path to value; one empty one without a matrix.
        shard: which part of the batch is made here, as `2/8`; empty for all of it.
        varies: what the seed decides, in words, by the path of its key.
        identity: what decides a run beside cell and seed: `tables`, the scenario with everything
            included and set; `files`, the checksums of those that it names; `options`, the clock
            and the provider; `versions`, of Soundstage, Python and the speech engines. Secrets are
            masked. Not in it: `[verdict]`, `[matrix]`, the seed, the number of runs, and the
            `why` of an expectation.
        rule: what the batch must show, by `[verdict]`; None where the file has no such table.
        early: whether it is looked at after every run, and stops when it is decided.
    """

    version: int = PLAN_VERSION
    digest: str
    scenario: str
    clock: str
    seed: int
    runs: int
    cells: tuple[dict[str, Any], ...] = tuple(map(dict, NO_MATRIX))
    shard: str = ""
    varies: dict[str, str] = {}
    identity: dict[str, Any] = {}
    rule: VerdictRule | None = None
    early: bool = False

    @property
    def seeds(self) -> range:
        """The seeds of each cell."""
        return range(self.seed, self.seed + self.runs)

    @property
    def total(self) -> int:
        """How many units the whole batch has, its other shards included."""
        return self.runs * len(self.cells)

    def units(self) -> Iterator[Unit]:
        """The units that are made here, in the order in which they are begun."""
        shard = Shard.parse(self.shard) if self.shard else None
        return units_of(self.digest, self.cells, self.seeds, shard)


def digest_of(identity: Mapping[str, Any]) -> str:
    """The digest of what decides the runs of a batch: 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(_encoder.encode(dict(identity))).hexdigest()[:16]


def read_plan(folder: Path) -> BatchPlan | None:
    """The plan of the batch in a folder; None where there is no batch.

    Raises:
        RunFolderError: it cannot be read, or a later version wrote it.
    """
    path = folder / PLAN
    try:
        plan = read_json_as(path.read_bytes(), BatchPlan)
    except FileNotFoundError:
        return None
    except (OSError, NotJson) as error:
        raise RunFolderError(f"{path} cannot be read: {error}") from error
    if plan.version > PLAN_VERSION:
        raise RunFolderError(
            f"{path} has version {plan.version}, and this version of Soundstage reads up to "
            f"{PLAN_VERSION}: read it with a later one"
        )
    return plan


def write_plan(folder: Path, plan: BatchPlan) -> None:
    """Write the plan of a batch into its folder.

    Raises:
        RecordingFailed: it cannot be written.
    """
    text = msgspec.json.format(_encoder.encode(plan), indent=2).decode()
    save_text(folder / PLAN, text + "\n")


def check_continues(old: BatchPlan, new: BatchPlan, folder: Path) -> None:
    """Look whether a batch is the one that is in a folder, or a longer one.

    Raises:
        RunFolderError: it is another one; the message says what differs.
    """
    if old.digest != new.digest:
        told = differences(old.identity, new.identity) or ["the digest"]
        more = [f"and {len(told) - _SHOWN} more"] if len(told) > _SHOWN else []
        raise RunFolderError(
            f"{folder} holds a batch of {old.scenario} that differs from this one, so its runs "
            "cannot be continued; name another folder with --out. What differs:\n"
            + "\n".join(f"  {line}" for line in [*told[:_SHOWN], *more])
        )
    wrong = ""
    if old.seed != new.seed:
        wrong = f"begins with seed {old.seed}, and this command with {new.seed}"
    elif new.runs < old.runs:
        wrong = f"has --repeat {old.runs}, and this command asks for {new.runs}"
    elif old.shard != new.shard:
        wrong = f"is {_shard(old)}, and this command asks for {_shard(new)}"
    elif not all(cell in new.cells for cell in old.cells):
        wrong = "has cells in its matrix that this command has not"
    if wrong:
        raise RunFolderError(
            f"{folder} holds a batch that {wrong}: give what it has, or more runs, or name another "
            "folder with --out"
        )


def _shard(plan: BatchPlan) -> str:
    return f"shard {plan.shard}" if plan.shard else "the whole batch"


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Where two identities differ: a line for each key path, with both values."""
    before, after = _leaves(dict(old)), _leaves(dict(new))
    return [
        f"{path}: {after.get(path, 'nothing')}, was {before.get(path, 'nothing')}"
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path)
    ]


def _leaves(value: object, path: str = "") -> dict[str, str]:
    """Each value that is no table and no list, as JSON, by its key path."""
    leaves: dict[str, str] = {}
    if isinstance(value, dict) and value:
        for key, inner in cast("dict[str, object]", value).items():
            # The tables are the scenario's own: their paths are those of `--set`.
            below = key if path in {"", "tables"} else f"{path}.{key}"
            leaves |= _leaves(inner, below)
    elif isinstance(value, list) and value:
        for index, inner in enumerate(cast("list[object]", value)):
            leaves |= _leaves(inner, f"{path}[{index}]")
    else:
        leaves[path] = _encoder.encode(value).decode()
    return leaves
