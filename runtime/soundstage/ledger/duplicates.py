"""Two rows of one unit: what is decided by the unit must be the same in both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
from msgspec import Struct

from soundstage.errors import RunFolderError
from soundstage.ledger.row import Row, pure_part
from soundstage.results import save_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

DIFFERENCES: Final = "differences.json"
"""What was found when the parts of a batch were put together; absent where nothing differs."""

_VERDICT: Final = ("outcome", "reason", "owner", "exit_code")


class Difference(Struct, frozen=True, kw_only=True):
    """Two runs of one unit that differ, although they should be equal.

    Attributes:
        cell: of the unit.
        seed: of the unit.
        folders: of the two batches.
        what: `run` where the same kind of processor made two different runs; `verdict` where two
            kinds of processor did, and came to different outcomes or results of expectations.
        fields: the fields of the row that differ.
    """

    cell: dict[str, Any]
    seed: int
    folders: tuple[str, str]
    what: Literal["run", "verdict"]
    fields: tuple[str, ...]


def difference(one: Row, other: Row, folders: tuple[str, str]) -> Difference | None:
    """What differs between two rows of a unit; None where nothing does that should not.

    Two kinds of processor may differ in the last bits of a sample, and so in fingerprints and
    words: of their runs only the verdicts are compared. Two live runs are two trials.
    """
    if not (one.deterministic and other.deterministic) or pure_part(one) == pure_part(other):
        return None
    is_same_machine = one.machine.processor == other.machine.processor
    fields = _different_fields(one, other, is_same_machine=is_same_machine)
    if not fields:
        return None
    return Difference(
        cell=one.cell,
        seed=one.seed,
        folders=folders,
        what="run" if is_same_machine else "verdict",
        fields=fields,
    )


def _different_fields(one: Row, other: Row, *, is_same_machine: bool) -> tuple[str, ...]:
    if is_same_machine:
        names = [name for name in Row.__struct_fields__ if name != "machine"]
        return tuple(name for name in names if getattr(one, name) != getattr(other, name))
    fields = [name for name in _VERDICT if getattr(one, name) != getattr(other, name)]
    if _results(one) != _results(other):
        fields.append("expectations")
    return tuple(fields)


def _results(row: Row) -> list[tuple[str, str, str]]:
    return [(each.id, each.status, each.kind) for each in row.expectations]


def read_differences(folder: Path) -> tuple[Difference, ...]:
    """The differences that were found in a batch; none in one that was not put together.

    Raises:
        RunFolderError: they cannot be read.
    """
    path = folder / DIFFERENCES
    try:
        return msgspec.json.decode(path.read_bytes(), type=tuple[Difference, ...])
    except FileNotFoundError:
        return ()
    except (OSError, msgspec.MsgspecError) as error:
        raise RunFolderError(f"{path} cannot be read: {error}") from error


def write_differences(folder: Path, found: Sequence[Difference]) -> None:
    """Keep the differences of a batch in its folder.

    Raises:
        RecordingFailed: they cannot be written.
    """
    text = msgspec.json.format(msgspec.json.encode(found), indent=2).decode()
    save_text(folder / DIFFERENCES, text + "\n")
