"""Diagnostics: what is wrong with a file, where, and what to do."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from soundstage.errors import KeyMissing, ScenarioError

KeyPath: TypeAlias = tuple[str | int, ...]
"""The keys that lead to a value, and the indexes of lists on the way."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_MOST_SHOWN = 100


@dataclass(frozen=True)
class Place:
    """Where something is written.

    Attributes:
        source: the file as it is shown, or the option of the command line.
        folder: the folder that paths written there are relative to.
        line: from 1; 0 where there is none.
        column: from 1, in characters; 0 where there is none.
        path: the key path as it is written there.
    """

    source: str
    folder: Path
    line: int = 0
    column: int = 0
    path: KeyPath = ()

    def __str__(self) -> str:
        if not self.line:
            return self.source
        # A key is found by its name; what is no key only by its column.
        column = f":{self.column}" if self.column and not self.path else ""
        return f"{self.source}:{self.line}{column}"


@dataclass(frozen=True)
class Diagnostic:
    """One thing that is wrong, or worth a warning.

    Attributes:
        place: where.
        reason: what is wrong, and what to do.
    """

    place: Place
    reason: str

    def __str__(self) -> str:
        path = written_path(self.place.path)
        return f"{self.place}: {path}: {self.reason}" if path else f"{self.place}: {self.reason}"


@dataclass
class Diagnostics:
    """Collects every error and warning about a file, each once.

    Attributes:
        found: the errors.
        warned: what is unusual, but not wrong.
        unset: environment variables that are missing: errors of the machine, not of the file.
    """

    found: dict[Diagnostic, None] = field(default_factory=dict[Diagnostic, None])
    warned: dict[Diagnostic, None] = field(default_factory=dict[Diagnostic, None])
    unset: list[str] = field(default_factory=list[str])

    def add(self, place: Place, reason: str) -> None:
        """Add an error, unless the same one was added for this place."""
        self.found[Diagnostic(place, reason)] = None

    def warn(self, place: Place, reason: str) -> None:
        """Add a warning."""
        self.warned[Diagnostic(place, reason)] = None

    def copy(self) -> Diagnostics:
        """The same so far; what is added to one is not added to the other."""
        return Diagnostics(dict(self.found), dict(self.warned), list(self.unset))

    def raise_if_any(self) -> None:
        """Raise all errors, if there are any.

        Raises:
            ScenarioError: with all of them, in the order of the files' lines.
            KeyMissing: nothing is wrong but variables that are not set.
        """
        if not self.found:
            if self.unset:
                raise KeyMissing("\n".join(self.unset))
            return
        sources = list(dict.fromkeys(error.place.source for error in self.found))
        ordered = sorted(self.found, key=lambda it: (sources.index(it.place.source), it.place.line))
        lines = [*map(str, ordered), *self.unset]
        if len(lines) > _MOST_SHOWN:
            lines[_MOST_SHOWN:] = [f"… and {len(lines) - _MOST_SHOWN} more"]
        raise ScenarioError(lines) from None


def written_path(path: KeyPath) -> str:
    """A key path as it is written: `links[0].between`."""
    written = ""
    for part in path:
        if isinstance(part, int):
            written += f"[{part}]"
        else:
            key = part if _BARE.fullmatch(part) else json.dumps(part, ensure_ascii=False)
            written += f".{key}" if written else key
    return written


def shown_path(path: Path) -> str:
    """A file as messages show it: relative where it is below the working folder."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
