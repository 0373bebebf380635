"""Phrases: finding words in what was heard."""

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from soundstage.config.values._numbers import NUMBER_PATTERN, number_of
from soundstage.config.values._table import is_table
from soundstage.config.values._template import Slot, split_at_slots
from soundstage.config.values._words import normalize

_PRICE = re.compile(r"([$€£])([0-9][0-9,]*(?:\.[0-9]+)?)")
_COINS = re.compile(
    rf"(?<!\S)({NUMBER_PATTERN}) (dollars?|euros?|pounds?) (?:and )?({NUMBER_PATTERN})"
    r"(?: dollars?| euros?| pounds?)?((?: (?:cents?|pence|penny))*)(?!\S)"
)
_CURRENCIES = {"$": "dollars", "€": "euros", "£": "pounds"}
_CLAUSE_END = re.compile(r"[.?!;:,…][\"'”\u2019)\]]*")
_ABBREVIATIONS = frozenset({"st.", "mr.", "mrs.", "ms.", "dr.", "no."})
_EDGES = re.compile(r"^[^\w$€£#+-]+|[^\w%]+$")
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
        heard = _RecognizedText(text, prices_are_numbers=numbers)
        every = (self._bound(match, heard) for match in self._expression.finditer(heard.normal))
        return next((bound for bound in every if bound is not None), None)

    def _bound(self, found: re.Match[str], heard: "_RecognizedText") -> dict[str, str] | None:
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
        return " ".join(re.escape(word) for word in _words_of(piece)[0])
    if piece.number:
        return f"(?P<{piece.name}>{NUMBER_PATTERN})"
    # The last slot takes everything first and is then cut at the end of its clause.
    return f"(?P<{piece.name}>{_SOME_WORDS[:-1] if last else _SOME_WORDS})"


def _words_of(text: str, *, prices_are_numbers: bool = False) -> tuple[list[str], list[int]]:
    """Normalised words, and for each the place of the word in the text that it comes from.

    Args:
        text: words as they were recognised or written.
        prices_are_numbers: `$24.50` becomes 24.50 dollars rather than dollars and cents.
    """
    words: list[str] = []
    places: list[int] = []
    for place, token in enumerate(text.split()):
        normal = normalize(_PRICE.sub(_in_one_number, token) if prices_are_numbers else token)
        words += normal
        places += [place] * len(normal)
    if prices_are_numbers:
        _join_prices(words, places)
    return words, places


def _join_prices(words: list[str], places: list[int]) -> None:
    """`25 dollars and 50 cents` is 25.50 dollars; recognisers write `$25 and $0.50 cents` too."""
    text = " ".join(words)
    for price in reversed(list(_COINS.finditer(text))):
        whole, coins = (number_of(price[group].split()) for group in (1, 3))
        is_part = coins is not None and coins.startswith("0.")
        if whole is None or coins is None or "." in whole or not (price[4] or is_part):
            continue
        hundredths = round(float(coins) * (100 if "." in coins else 1))
        start, end = text.count(" ", 0, price.start()), text.count(" ", 0, price.end()) + 1
        words[start:end] = [f"{whole}.{hundredths:02}", price[2]]
        places[start:end] = [places[start], places[text.count(" ", 0, price.start(2))]]


class _RecognizedText:
    """A recognised text, its words as they are compared and as they were written.

    Args:
        text: the text.
        prices_are_numbers: whether a number is looked for in it.
    """

    def __init__(self, text: str, *, prices_are_numbers: bool) -> None:
        self.tokens = text.split()
        self.words, self._places = _words_of(text, prices_are_numbers=prices_are_numbers)
        self.normal = " ".join(self.words)

    def words_between(self, start: int, end: int) -> tuple[int, int]:
        """The range of words for a range of characters of the normalised text."""
        return self.normal.count(" ", 0, start), self.normal.count(" ", 0, end) + 1

    def said(self, start: int, end: int, *, rest: bool) -> str:
        """Words as they were written; `rest`: no further than the end of their clause."""
        if start and self._places[start - 1] == self._places[start]:
            return " ".join(self.words[start:end])
        tokens = self.tokens[self._places[start] : self._places[end - 1] + 1]
        if rest:
            tokens = _first_clause(tokens)
        return _EDGES.sub("", " ".join(tokens))


def _first_clause(tokens: list[str]) -> list[str]:
    for place, (token, following) in enumerate(pairwise(tokens)):
        ends = _CLAUSE_END.search(token) and token.lower() not in _ABBREVIATIONS
        # A recogniser writes "order X, 1234" for a number that was read out with a pause.
        if ends and not following[0].isdigit():
            return tokens[: place + 1]
    return tokens


def _in_one_number(price: re.Match[str]) -> str:
    return f"{price[2]} {_CURRENCIES[price[1]]}"
