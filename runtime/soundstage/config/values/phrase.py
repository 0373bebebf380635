"""Phrases: finding words in what was heard."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any, Self, TypeAlias

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from soundstage.config.values.pattern import Pattern
from soundstage.config.values.table import is_table
from soundstage.config.values.template import Slot, split_at_slots
from soundstage.spoken_form import (
    READINGS,
    SLOT_PATTERNS,
    Atom,
    Comparable,
    Reading,
    atoms_of,
    expression,
    needs_digits,
    value_of,
    whole,
)

_CLAUSE_END = re.compile(r"[.?!;:,…][\"'”\u2019)\]]*")
_ABBREVIATIONS = frozenset({"st.", "mr.", "mrs.", "ms.", "dr.", "no."})
_EDGES = re.compile(r"^[^\w$€£#+-]+|[^\w%]+$")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SOME_WORDS = r"[^ ]+(?: [^ ]+)*?"


@dataclass(frozen=True)
class Phrase:
    """Words to listen for: `"weather in {city}"`, or `{ pattern = '…' }`.

    Words are found anywhere, whole, whatever their case and punctuation, with numbers in figures
    or in words. `{city}` takes at least one word, as few as will do; at the end of the phrase
    it takes the rest of the clause. A typed slot takes a value and gives it in one form:
    `{n:number}`, `{p:money}`, `{t:time}`, `{d:date}`, `{e:email}`, `{c:spelled}`.
    A pattern is a regular expression, searched in the text as it was recognised, whatever its
    case; its named groups are its slots.

    Args:
        text: the words, or the regular expression.
        is_pattern: whether it is a regular expression.

    Raises:
        ValueError: there are no words in it, or a slot or the expression is wrong.
    """

    text: str
    is_pattern: bool = False

    def __post_init__(self) -> None:
        _ = self._pattern if self.is_pattern else self._expressions

    @property
    def slots(self) -> tuple[str, ...]:
        """The names that a match binds."""
        if self.is_pattern:
            return self._pattern.slots
        return tuple(self._expressions["value"].groupindex)

    def match(self, text: str) -> dict[str, str] | None:
        """What the slots hold where the phrase is first in a text, or None where it is not.

        Raises:
            PatternTimeout: a pattern took too long.
        """
        return next(self.matches(text), None)

    def matches(self, text: str) -> Iterator[dict[str, str]]:
        """What the slots hold at each place of a text where the phrase is, in order.

        A place that can be read in two ways, as "twelve fifty", may come twice.

        Raises:
            PatternTimeout: a pattern took too long.
        """
        if self.is_pattern:
            yield from self._pattern.matches(text)
            return
        heard = _recognized(text)
        for reading, wanted in self._expressions.items():
            line = heard.lines[reading]
            every = (self._bound(match, line, heard) for match in wanted.finditer(line.line))
            yield from (bound for bound in every if bound is not None)

    def _bound(
        self, found: re.Match[str], line: Comparable, heard: "_RecognizedText"
    ) -> dict[str, str] | None:
        bound: dict[str, str] = {}
        for piece in self._pieces:
            if not isinstance(piece, Slot):
                continue
            start, end = line.atoms_between(*found.span(piece.name))
            if piece.type:
                value = value_of(piece.type, heard.atoms[start:end])
                if value is None:
                    return None
            else:
                value = heard.said(start, end, rest=piece is self._pieces[-1])
            bound[piece.name] = value
        return bound

    @cached_property
    def _pieces(self) -> "tuple[tuple[Atom, ...] | Slot, ...]":
        pieces = split_at_slots(self.text)
        read = (p if isinstance(p, Slot) else tuple(atoms_of(p)) for p in pieces)
        return tuple(piece for piece in read if piece)

    @cached_property
    def _pattern(self) -> Pattern:
        return Pattern(self.text)

    @cached_property
    def _expressions(self) -> dict[Reading, re.Pattern[str]]:
        """How the phrase is found in each reading of a text that can differ for it."""
        _check(self.text, self._pieces)
        last = self._pieces[-1]
        words = [atom for piece in self._pieces if not isinstance(piece, Slot) for atom in piece]
        return {
            reading: whole(
                " ".join(_wanted(piece, reading, last=piece is last) for piece in self._pieces)
            )
            for reading in (READINGS if needs_digits(words) else READINGS[:1])
        }

    @classmethod
    def read(cls, value: object) -> Self:
        """The phrase for what stands in a table.

        Raises:
            ValueError: it is neither text nor a table with a pattern, or that is wrong.
        """
        if isinstance(value, cls):
            return value
        if isinstance(value, str):
            return cls(value)
        if is_table(value) and value.keys() == {"pattern"}:
            pattern = value["pattern"]
            if isinstance(pattern, str) and (unheard := _CONTROL.search(pattern)):
                raise ValueError(
                    f"the pattern has the control character {unheard[0]!r}, which is never heard: "
                    "in double quotes TOML reads a backslash itself; write '…' in single quotes"
                )
            if isinstance(pattern, str):
                return cls(pattern, is_pattern=True)
        raise ValueError("a phrase is \"some words\" or { pattern = '…' }")

    def written(self) -> str | dict[str, str]:
        """As it would be written in a file."""
        return {"pattern": self.text} if self.is_pattern else self.text

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.read,
            serialization=core_schema.plain_serializer_function_ser_schema(cls.written),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        pattern: dict[str, Any] = {
            "type": "object",
            "properties": {"pattern": {"type": "string"}},
            "required": ["pattern"],
            "additionalProperties": False,
        }
        return {"anyOf": [{"type": "string"}, pattern]}


_Piece: TypeAlias = "tuple[Atom, ...] | Slot"


def _check(text: str, pieces: Sequence[_Piece]) -> None:
    if all(_is_open(piece) for piece in pieces):
        raise ValueError(f'"{text}": a phrase needs at least one word beside its slots')
    if any(_is_open(left) and _is_open(right) for left, right in pairwise(pieces)):
        raise ValueError(f'"{text}": two slots need a word between them')
    names = [piece.name for piece in pieces if isinstance(piece, Slot)]
    if len(set(names)) < len(names):
        raise ValueError(f'"{text}": a slot stands in it twice')


def _is_open(piece: _Piece) -> bool:
    return isinstance(piece, Slot) and not piece.type


def _wanted(piece: _Piece, reading: Reading, *, last: bool) -> str:
    if not isinstance(piece, Slot):
        return expression(piece, reading)
    if piece.type:
        return f"(?P<{piece.name}>{SLOT_PATTERNS[piece.type]})"
    # The last slot takes everything first and is then cut at the end of its clause.
    return f"(?P<{piece.name}>{_SOME_WORDS[:-1] if last else _SOME_WORDS})"


class _RecognizedText:
    """A recognised text, as it is compared and as it was written.

    Args:
        text: the text.

    Attributes:
        atoms: its words and numbers.
        lines: the atoms as they are compared.
    """

    def __init__(self, text: str) -> None:
        self._tokens = text.split()
        self.atoms = atoms_of(text)
        self.lines = {reading: Comparable(self.atoms, reading) for reading in READINGS}

    def said(self, start: int, end: int, *, rest: bool) -> str:
        """Words as they were written; `rest`: no further than the end of their clause."""
        first = self.atoms[start].first
        if start and self.atoms[start - 1].last == first:
            return " ".join(atom.text for atom in self.atoms[start:end])
        tokens = self._tokens[first : self.atoms[end - 1].last + 1]
        if rest:
            tokens = _first_clause(tokens)
        return _EDGES.sub("", " ".join(tokens))


@lru_cache(maxsize=64)
def _recognized(text: str) -> _RecognizedText:
    """One text is looked through for the phrases of many rules, cues and ends."""
    return _RecognizedText(text)


def _first_clause(tokens: list[str]) -> list[str]:
    for place, (token, following) in enumerate(pairwise(tokens)):
        ends = _CLAUSE_END.search(token) and token.lower() not in _ABBREVIATIONS
        # A recogniser writes "order X, 1234" for a number that was read out with a pause.
        if ends and not following[0].isdigit():
            return tokens[: place + 1]
    return tokens
