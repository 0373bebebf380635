"""A document: the tables of several files merged, and where each key is written."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from soundstage.config.values import PlacedTable, is_choice, is_list, is_table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from soundstage.config.diagnostics import KeyPath, Place


@dataclass
class Document:
    """The tables of a file and of those it includes, not yet validated.

    Attributes:
        tree: the tables.
        top: the file as a whole.
        places: key path to the place that says it.
        headers: key paths that a `[header]` opens, as they are written.
        files: every file read, the scenario's own first.
    """

    tree: dict[str, object]
    top: Place
    places: dict[KeyPath, Place] = field(default_factory=dict["KeyPath", "Place"])
    headers: dict[KeyPath, str] = field(default_factory=dict["KeyPath", str])
    files: list[Path] = field(default_factory=list["Path"])

    def place_of(self, path: KeyPath) -> Place:
        """Where a key path is written, or the nearest table around it where it is not."""
        for end in range(len(path), 0, -1):
            place = self.places.get(path[:end])
            if place is not None:
                return replace(place, path=(*place.path, *path[end:]))
        return replace(self.top, path=path)

    def value(self, path: KeyPath) -> object:
        """The value at a key path; None where there is none."""
        found: object = self.tree
        for part in path:
            if is_list(found) and isinstance(part, int) and part < len(found):
                found = found[part]
            else:
                found = found.get(part) if is_table(found) and isinstance(part, str) else None
        return found

    def table(self, *path: str) -> dict[str, object]:
        """The table at a key path; an empty one where there is none."""
        found = self.value(path)
        return found if is_table(found) else {}

    def note_folders(self) -> None:
        """Tell each table which folders the paths in it are relative to.

        Call it when all files, defaults and overrides are merged.
        """
        self.tree = {key: self._placed(value, (key,)) for key, value in self.tree.items()}

    def _placed(self, value: object, path: KeyPath) -> object:
        if is_list(value):
            return [self._placed(item, (*path, index)) for index, item in enumerate(value)]
        if not is_table(value):
            return value
        folders = {key: self.place_of((*path, key)).folder for key in value}
        return PlacedTable(
            {key: self._placed(item, (*path, key)) for key, item in value.items()}, folders
        )

    def say(self, path: KeyPath, place: Place) -> None:
        """Record that the value at a key path is written at this place only."""
        for known in [key for key in self.places if key[: len(path)] == path]:
            del self.places[known]
        self.places[path] = place

    def lay_over(self, other: Document) -> None:
        """Merge another document into this one: tables are merged, all other values replaced."""
        self.tree = merged(self.tree, other.tree)
        self.places |= other.places
        self.headers |= other.headers

    def lay_under(self, path: KeyPath, base: KeyPath) -> None:
        """Merge the table at `base` into the one at `path`; the keys of the latter win."""
        over, under = self.table(*map(str, path)), self.table(*map(str, base))
        holder = self.table(*map(str, path[:-1]))
        holder[str(path[-1])] = merged(deepcopy(under), over)
        for inner, _ in walk(under):
            if inner:
                self.places.setdefault(path + inner, self.place_of(base + inner))


def merged(base: dict[str, object], over: dict[str, object]) -> dict[str, object]:
    """Two tables merged: tables in them are merged, all other values of `over` win.

    One of several values is no table here: it wins, or is replaced, as a whole.
    """
    both = base | over
    for key in base.keys() & over.keys():
        below, above = base[key], over[key]
        if is_table(below) and is_table(above) and not (is_choice(below) or is_choice(above)):
            both[key] = merged(below, above)
    return both


def walk(value: object, path: KeyPath = ()) -> Iterator[tuple[KeyPath, object]]:
    """Every value within a value, itself first, with its key path."""
    yield path, value
    if is_table(value):
        for key, item in value.items():
            yield from walk(item, (*path, key))
    elif is_list(value):
        for index, item in enumerate(value):
            yield from walk(item, (*path, index))
