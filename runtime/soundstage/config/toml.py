"""TOML with the position of every key.

The values are those of Python's `tomllib`; its parser, which keeps no positions, is vendored in
`_vendor/tomli` and tells them as it comes to them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from soundstage.config._vendor.tomli import TOMLDecodeError, loads

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soundstage.config.diagnostics import KeyPath

_HINTS = {
    "no_key": "; an inline table { … } stays on one line",
    "inline_table": "; an inline table { … } stays on one line",
    "no_value": '; text stands in quotes, as voice = "ash"',
}
"""What to do about an error, by its kind."""


class Position(NamedTuple):
    """Where something begins in a text.

    Attributes:
        line: from 1.
        column: from 1, in characters.
    """

    line: int
    column: int


@dataclass(frozen=True)
class ParsedToml:
    """A TOML text that is valid.

    Attributes:
        tree: its tables.
        positions: key path to where it begins. A table that has no line of its own begins with
            the first key in it; a dotted key begins with its first part, a table under a header
            with the bracket.
        headers: the key paths that a `[header]` opens, as they are written there.
    """

    tree: dict[str, object]
    positions: Mapping[KeyPath, Position]
    headers: Mapping[KeyPath, str]


class BrokenTomlError(Exception):
    """A text is not valid TOML.

    Attributes:
        position: where.
        path: the key that is written twice; empty where something else is wrong.
        reason: why, in words.
    """

    def __init__(self, position: Position, path: KeyPath, reason: str) -> None:
        self.position = position
        self.path = path
        self.reason = reason
        super().__init__(reason)


def parse_toml(text: str) -> ParsedToml:
    """The tables of a TOML text, and where each key begins.

    Raises:
        BrokenTomlError: the text is not valid.
    """
    source = text.replace("\r\n", "\n")
    recorder = _Recorder(source)
    try:
        tree = loads(source, positions=recorder)
    except RecursionError:
        reason = "values are nested too deeply"
        raise BrokenTomlError(recorder.current_position, (), reason) from None
    except TOMLDecodeError as error:
        raise _broken(error, recorder) from None
    return ParsedToml(tree, recorder.positions, recorder.headers)


def _broken(error: TOMLDecodeError, recorder: _Recorder) -> BrokenTomlError:
    if error.kind in ("key_twice", "table_twice"):
        path, here = recorder.current, recorder.current_position
        first = recorder.positions.get(path)
        before = f", first on line {first.line}" if first and first.line != here.line else ""
        hint = "; a table is written inline or under one header"
        return BrokenTomlError(
            here, path, f"is written twice{before}{hint if error.kind == 'table_twice' else ''}"
        )
    match error.kind:
        case "line_end":
            reason = 'the line ends within a text in quotes; a longer one stands in """'
        case "digits":
            reason = "a number has too many digits"
        case kind:
            reason = f"{error.msg[:1].lower()}{error.msg[1:]}{_HINTS.get(kind, '')}"
    where = recorder.position_of(min(error.pos, recorder.end))
    return BrokenTomlError(where, (), f"is not valid TOML: {reason}")


@dataclass
class _Recorder:
    """Records where keys begin, as the parser reports it.

    Attributes:
        source: the text, its lines ended by a line feed only.
        positions: as in `ParsedToml`.
        headers: as in `ParsedToml`.
        current: the key path that is being read, or was read last.
        current_position: where that begins.
    """

    source: str
    positions: dict[KeyPath, Position] = field(default_factory=dict["KeyPath", Position])
    headers: dict[KeyPath, str] = field(default_factory=dict["KeyPath", str])
    current: KeyPath = ()
    current_position: Position = field(default=Position(1, 1))

    def __post_init__(self) -> None:
        self._lines = [0, *(end.end() for end in re.finditer("\n", self.source))]
        self._items: dict[KeyPath, int] = {}
        self._entered: list[tuple[KeyPath, Position]] = [((), self.current_position)]

    @property
    def end(self) -> int:
        """One past the last character that is not an empty line at the end."""
        return len(self.source.rstrip("\n"))

    def position_of(self, offset: int) -> Position:
        """The position of a character."""
        line = bisect_right(self._lines, offset)
        return Position(line, offset - self._lines[line - 1] + 1)

    def open_table(self, key: tuple[str, ...], start: int, end: int) -> None:
        """A `[header]` begins at `start`; its key ends before `end`."""
        path = self._resolved(key)
        self._entered = [(path, self._note(path, start))]
        self.headers.setdefault(path, f"{self.source[start:end]}]")

    def open_list(self, key: tuple[str, ...], start: int) -> None:
        """A `[[header]]` begins at `start`."""
        self._note((*self._resolved(key[:-1]), key[-1]), start)

    def open_list_item(self, key: tuple[str, ...], start: int, end: int) -> None:
        """The `[[header]]` has added a table to its list."""
        base = (*self._resolved(key[:-1]), key[-1])
        index = self._items.get(base, 0)
        self._items[base] = index + 1
        path = (*base, index)
        self._entered = [(path, self._note(path, start))]
        self.headers[path] = f"{self.source[start:end]}]]"

    def enter(self, key: tuple[str | int, ...], start: int) -> None:
        """A key, or an item of a list by its index, begins at `start`, within those entered."""
        path = (*self._entered[-1][0], *key)
        self._entered.append((path, self._note(path, start)))

    def leave(self) -> None:
        """The value of what was entered last has been read."""
        self.current, self.current_position = self._entered.pop()

    def _note(self, path: KeyPath, start: int) -> Position:
        here = self.position_of(start)
        for end in range(1, len(path) + 1):
            self.positions.setdefault(path[:end], here)
        self.current, self.current_position = path, here
        return here

    def _resolved(self, key: tuple[str, ...]) -> KeyPath:
        """The path of a header's key: into the last item where a part is a list of tables."""
        path: KeyPath = ()
        for part in key:
            path = (*path, part)
            if path in self._items:
                path = (*path, self._items[path] - 1)
        return path
