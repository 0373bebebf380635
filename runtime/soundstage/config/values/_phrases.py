"""Phrases: finding words in what was heard."""

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from soundstage.config.values._hearing import HeardText, words_of
from soundstage.config.values._numbers import NUMBER_PATTERN, number_of
from soundstage.config.values._slots import Slot, split_at_slots
from soundstage.config.values._table import is_table
from soundstage.config.values.words import normalize

_SOME_WORDS = r"\S+(?: \S+)*?"


@dataclass(frozen=True)
class Phrase:
    """Words to listen for: `"weather in {city}"`, or `{ pattern = '…' }`.

    Words are found anywhere, whole, whatever their case and punctuation, with numbers in figures
    or in words. `{city}` takes at least one word, as few as will do; at the end of the phrase
    it takes the rest of the clause. `{price:number}` takes a number and gives it in figures.
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
        _ = self._expression

    @property
    def slots(self) -> tuple[str, ...]:
        """The names that a match binds."""
        return tuple(self._expression.groupindex)

    def match(self, text: str) -> dict[str, str] | None:
        """What the slots hold where the phrase is in a text, or None where it is not."""
        if self.is_pattern:
            found = self._expression.search(text)
            return None if found is None else {k: v or "" for k, v in found.groupdict().items()}
        numbers = any(isinstance(piece, Slot) and piece.number for piece in self._pieces)
        heard = HeardText(text, prices_are_numbers=numbers)
        every = (self._bound(match, heard) for match in self._expression.finditer(heard.normal))
        return next((bound for bound in every if bound is not None), None)

    def _bound(self, found: re.Match[str], heard: "HeardText") -> dict[str, str] | None:
        bound: dict[str, str] = {}
        for piece in self._pieces:
            if isinstance(piece, str):
                continue
            start, end = heard.words_between(*found.span(piece.name))
            value = number_of(heard.words[start:end]) if piece.number else None
            if piece.number and value is None:
                return None
            bound[piece.name] = value or heard.said(start, end, rest=piece is self._pieces[-1])
        return bound

    @cached_property
    def _pieces(self) -> tuple[str | Slot, ...]:
        pieces = split_at_slots(self.text)
        return tuple(piece for piece in pieces if isinstance(piece, Slot) or normalize(piece))

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        if self.is_pattern:
            try:
                return re.compile(self.text, re.IGNORECASE)
            except re.error as error:
                raise ValueError(f"'{self.text}' is no regular expression: {error}") from None
        _check(self.text, self._pieces)
        last = self._pieces[-1]
        wanted = " ".join(_wanted(piece, last=piece is last) for piece in self._pieces)
        return re.compile(rf"(?<!\S){wanted}(?!\S)")

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


def _check(text: str, pieces: tuple[str | Slot, ...]) -> None:
    if all(_is_open(piece) for piece in pieces):
        raise ValueError(f'"{text}": a phrase needs at least one word beside its slots')
    if any(_is_open(left) and _is_open(right) for left, right in pairwise(pieces)):
        raise ValueError(f'"{text}": two slots need a word between them')
    names = [piece.name for piece in pieces if isinstance(piece, Slot)]
    if len(set(names)) < len(names):
        raise ValueError(f'"{text}": a slot stands in it twice')


def _is_open(piece: str | Slot) -> bool:
    return isinstance(piece, Slot) and not piece.number


def _wanted(piece: str | Slot, *, last: bool) -> str:
    if isinstance(piece, str):
        return " ".join(re.escape(word) for word in words_of(piece)[0])
    if piece.number:
        return f"(?P<{piece.name}>{NUMBER_PATTERN})"
    # The last slot takes everything first and is then cut at the end of its clause.
    return f"(?P<{piece.name}>{_SOME_WORDS[:-1] if last else _SOME_WORDS})"
