"""The unit of a batch: one seed of one cell, and the folder that its run is kept in."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec
from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

Cell: TypeAlias = Mapping[str, Any]
"""One combination of a matrix: key path to value, as in `--set`; empty where there is none."""

NO_MATRIX: Final[tuple[Cell, ...]] = ({},)
"""The cells of a batch without a matrix: one, in which nothing is changed."""

_NAME_LENGTH: Final = 40
"""Letters of a cell's name: the path of a file in a run stays short enough for Windows."""

_encoder: Final = msgspec.json.Encoder(order="deterministic")


class Unit(Struct, frozen=True, kw_only=True):
    """What is run once: a seed of a cell.

    Attributes:
        batch: the digest of the batch, as in `batch.json`.
        cell: what is changed in the scenario for it.
        seed: of the run.
    """

    batch: str
    cell: dict[str, Any] = {}
    seed: int

    @property
    def key(self) -> tuple[str, int]:
        """The same for two units of a batch that are the same."""
        return cell_text(self.cell), self.seed

    def folder(self, out: Path) -> Path:
        """The folder of its run: `OUT/seed-N`, or `OUT/CELL/seed-N` where there is a matrix."""
        return out / cell_name(self.cell) / f"seed-{self.seed}"


class Shard(Struct, frozen=True):
    """A part of a batch, for one machine of several.

    Attributes:
        number: which part, from 1.
        of: how many parts there are.
    """

    number: int = 1
    of: int = 1

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read `I/N`.

        Raises:
            ValueError: it is not of this form, or I is not between 1 and N.
        """
        found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
        shard = cls(int(found[1]), int(found[2])) if found else cls(0, 0)
        if not 1 <= shard.number <= shard.of:
            raise ValueError(f"{text!r} is no shard: write I/N with I from 1 to N, as 2/8")
        return shard

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


def units_of(
    batch: str, cells: Sequence[Cell], seeds: range, shard: Shard | None = None
) -> Iterator[Unit]:
    """The units of a batch, or of a shard of it, all cells of a seed before the next seed.

    A later seed comes behind all others, so that a batch that is made longer keeps its shards.
    """
    part = shard or Shard()
    place = 0
    for seed in seeds:
        for cell in cells:
            place += 1
            if place % part.of == part.number % part.of:
                yield Unit(batch=batch, cell=dict(cell), seed=seed)


def cell_text(cell: Cell) -> str:
    """A cell as a text that is the same for equal cells: JSON with its keys in order."""
    return _encoder.encode(dict(cell)).decode()


def cell_name(cell: Cell) -> str:
    """A short name for a cell, which can be that of a folder; empty for the cell without changes.

    It has the last part of each key and its value: `voice-ash_snr-20dB`. Where that does not say
    it all, six digits of a checksum follow, so that no two cells have one name.
    """
    parts = [f"{path.rpartition('.')[2]}-{_shown(cell[path])}" for path in sorted(cell)]
    whole = "_".join(parts)
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", whole)
    if name == whole and len(name) <= _NAME_LENGTH and not name.endswith("."):
        return name
    mark = hashlib.sha256(cell_text(cell).encode()).hexdigest()[:6]
    return f"{name[: _NAME_LENGTH - 7].rstrip('.-_')}-{mark}"


def _shown(value: object) -> str:
    return value if isinstance(value, str) else _encoder.encode(value).decode()
