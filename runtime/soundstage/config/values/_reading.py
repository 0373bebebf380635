"""What validating a file knows beside the values in it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Reading:
    """The context in which a scenario's tables are validated, given to pydantic as `context`.

    Values work without one, too: names are then not looked up, and files are looked for in the
    working folder.

    Attributes:
        names: per collection (`agents`, `tools`, `effects`, `providers`; `called`: tools by the
            names that models know), the names that can be referred to.
        folders: the folder of the file that says a table, by the table's `id`; the tables must
            live as long as this.
        files: every file that a value was read from, in order.
    """

    names: Mapping[str, Collection[str]] = field(default_factory=dict[str, Collection[str]])
    folders: Mapping[int, Path] = field(default_factory=dict[int, Path])
    files: list[Path] = field(default_factory=list[Path])

    def folder_of(self, table: object) -> Path:
        """The folder that paths in this table are relative to."""
        return self.folders.get(id(table), Path())


def reading_of(context: object) -> Reading:
    """The context of a validation, or one that knows nothing."""
    return context if isinstance(context, Reading) else Reading()
