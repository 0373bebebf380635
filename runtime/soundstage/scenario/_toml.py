"""TOML with the line of every key.

`tomllib` keeps no positions. Its parser is a module of functions that call each other by name, so
a private copy of the module, with a few of them wrapped, notes where each key path begins while
the values are read as ever.
"""

from __future__ import annotations

import importlib.util
import re
from bisect import bisect_right
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from soundstage.scenario._faults import KeyPath

_AT = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


@dataclass(frozen=True)
class Parsed:
    """A TOML text that is valid.

    Attributes:
        tree: its tables.
        lines: key path to the line on which it begins, from 1.
        headers: the key paths that a `[header]` opens, as they are written there.
    """

    tree: dict[str, object]
    lines: dict[KeyPath, int]
    headers: dict[KeyPath, str]


class BrokenTomlError(Exception):
    """A text is no valid TOML.

    Attributes:
        line: where, from 1.
        path: the key that was being read, empty where there was none.
        reason: why, in words.
    """

    def __init__(self, line: int, path: KeyPath, reason: str) -> None:
        self.line = line
        self.path = path
        self.reason = reason
        super().__init__(reason)


def parse_toml(text: str) -> Parsed:
    """The tables of a TOML text, and the line of each key.

    Raises:
        BrokenTomlError: the text is not valid.
    """
    source = text.replace("\r\n", "\n")
    parser = _private_parser()
    recorder = _Recorder(source, parser)
    try:
        return Parsed(parser.loads(source), recorder.lines, recorder.headers)
    except RecursionError:
        raise BrokenTomlError(recorder.line, (), "values are nested too deeply") from None
    except ValueError as error:
        raise _broken(str(error), recorder) from None


def _broken(message: str, recorder: _Recorder) -> BrokenTomlError:
    at = _AT.search(message)
    reason = message[: at.start()] if at else message
    if any(clue in reason for clue in ("twice", "overwrite", "Duplicate", "immutable", "redefine")):
        first = recorder.lines.get(recorder.last)
        before = f", first on line {first}" if first and first != recorder.line else ""
        once = "" if "overwrite" in reason else "; a table is written inline or under one header"
        return BrokenTomlError(recorder.line, recorder.last, f"is written twice{before}{once}")
    line = recorder.line
    if at:
        line = int(at[1]) if at[1] else recorder.last_line
    return BrokenTomlError(line, (), f"is not valid TOML: {_in_words(reason)}")


def _in_words(reason: str) -> str:
    said = reason[:1].lower() + reason[1:]
    if reason == "Illegal character '\\n'":
        return 'the line ends within a text in quotes; a longer one stands in """'
    if reason.startswith("Invalid value"):
        return f'{said}; text stands in quotes, as voice = "ash"'
    if reason.startswith(("Unclosed inline", "Invalid initial character for a key")):
        return f"{said}; an inline table {{ … }} stays on one line"
    if "integer string conversion" in reason:
        return "a number has too many digits"
    return said


@dataclass
class _Open:
    """A key or a list that is being read; `items` counts those of a list."""

    path: KeyPath
    items: int | None = None


@dataclass
class _Recorder:
    """Notes where keys begin while a private copy of the parser reads them."""

    source: str
    parser: Any
    lines: dict[KeyPath, int] = field(default_factory=dict["KeyPath", int])
    headers: dict[KeyPath, str] = field(default_factory=dict["KeyPath", str])
    last: KeyPath = ()
    line: int = 1

    def __post_init__(self) -> None:
        self._starts = [0, *(at.end() for at in re.finditer("\n", self.source))]
        self._counts: dict[KeyPath, int] = {}
        self._open: list[_Open] = [_Open(())]
        for rule, wrapped in (
            ("key_value_rule", self._key_value_rule),
            ("create_dict_rule", self._create_dict_rule),
            ("create_list_rule", self._create_list_rule),
            ("parse_key_value_pair", self._parse_key_value_pair),
            ("parse_array", self._parse_array),
            ("parse_value", self._parse_value),
        ):
            setattr(self.parser, rule, wrapped(getattr(self.parser, rule)))

    @property
    def last_line(self) -> int:
        """The line on which the text ends."""
        return max(1, len(self.source.rstrip("\n").split("\n")))

    def _note(self, path: KeyPath, position: int) -> None:
        line = bisect_right(self._starts, position)
        self.last, self.line = path, line
        for end in range(1, len(path) + 1):
            self.lines.setdefault(path[:end], line)

    @contextmanager
    def _inside(self, opened: _Open) -> Generator[None]:
        self._open.append(opened)
        yield
        self._open.pop()

    def _resolved(self, header: tuple[str, ...]) -> KeyPath:
        """A header's key path: its last item where a part is a list of tables."""
        path: KeyPath = ()
        for part in header:
            path = (*path, part)
            if path in self._counts:
                path = (*path, self._counts[path] - 1)
        return path

    def _key_value_rule(self, rule: Callable[..., Any]) -> Callable[..., Any]:
        def key_value_rule(
            source: str, position: int, out: object, header: tuple[str, ...], *rest: object
        ) -> object:
            with self._inside(_Open(self._resolved(header))):
                return rule(source, position, out, header, *rest)

        return key_value_rule

    def _create_dict_rule(self, rule: Callable[..., Any]) -> Callable[..., Any]:
        def create_dict_rule(source: str, position: int, out: object) -> object:
            header = self.parser.parse_key(source, self._after(source, position + 1))[1]
            path = self._resolved(header)
            self.last, self.line = path, bisect_right(self._starts, position)
            result = rule(source, position, out)
            self._note(path, position)
            self.headers[path] = f"[{'.'.join(header)}]"
            return result

        return create_dict_rule

    def _create_list_rule(self, rule: Callable[..., Any]) -> Callable[..., Any]:
        def create_list_rule(source: str, position: int, out: object) -> object:
            header = self.parser.parse_key(source, self._after(source, position + 2))[1]
            base = (*self._resolved(header[:-1]), header[-1])
            self.last, self.line = base, bisect_right(self._starts, position)
            result = rule(source, position, out)
            self._counts[base] = self._counts.get(base, 0) + 1
            path = (*base, self._counts[base] - 1)
            self._note(path, position)
            self.headers[path] = f"[[{'.'.join(header)}]]"
            return result

        return create_list_rule

    def _parse_key_value_pair(self, rule: Callable[..., Any]) -> Callable[..., Any]:
        def parse_key_value_pair(source: str, position: int, *rest: object) -> object:
            key = self.parser.parse_key(source, position)[1]
            path = (*self._open[-1].path, *key)
            self._note(path, position)
            with self._inside(_Open(path)):
                result = rule(source, position, *rest)
            self.last, self.line = path, bisect_right(self._starts, position)
            return result

        return parse_key_value_pair

    def _parse_array(self, rule: Callable[..., Any]) -> Callable[..., Any]:
        def parse_array(source: str, position: int, *rest: object) -> object:
            with self._inside(_Open(self._open[-1].path, items=0)):
                return rule(source, position, *rest)

        return parse_array

    def _parse_value(self, rule: Callable[..., Any]) -> Callable[..., Any]:
        def parse_value(source: str, position: int, *rest: object) -> object:
            within = self._open[-1]
            if within.items is None:
                return rule(source, position, *rest)
            path = (*within.path, within.items)
            within.items += 1
            self._note(path, position)
            with self._inside(_Open(path)):
                return rule(source, position, *rest)

        return parse_value

    def _after(self, source: str, position: int) -> int:
        after: int = self.parser.skip_chars(source, position, self.parser.TOML_WS)
        return after


def _private_parser() -> Any:
    spec = importlib.util.find_spec("tomllib._parser")
    if spec is None or spec.loader is None:
        raise ImportError("this Python's tomllib has no parser to take positions from")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
