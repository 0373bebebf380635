"""Recognised text, as it is compared and as it was written."""

from __future__ import annotations

import re
from itertools import pairwise

from soundstage.config.values._numbers import NUMBER_PATTERN, number_of
from soundstage.config.values.words import normalize

_PRICE = re.compile(r"([$€£])([0-9][0-9,]*(?:\.[0-9]+)?)")
_COINS = re.compile(
    rf"(?<!\S)({NUMBER_PATTERN}) (dollars?|euros?|pounds?) (?:and )?({NUMBER_PATTERN})"
    r"(?: dollars?| euros?| pounds?)?((?: (?:cents?|pence|penny))*)(?!\S)"
)
_CURRENCIES = {"$": "dollars", "€": "euros", "£": "pounds"}
_CLAUSE_END = re.compile(r"[.?!;:,…][\"'”\u2019)\]]*")
_ABBREVIATIONS = frozenset({"st.", "mr.", "mrs.", "ms.", "dr.", "no."})
_EDGES = re.compile(r"^[^\w$€£#+-]+|[^\w%]+$")


def words_of(text: str, *, prices_are_numbers: bool = False) -> tuple[list[str], list[int]]:
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


class HeardText:
    """A recognised text, its words as they are compared and as they were written.

    Args:
        text: the text.
        prices_are_numbers: whether somebody looks for numbers in it.
    """

    def __init__(self, text: str, *, prices_are_numbers: bool) -> None:
        self.tokens = text.split()
        self.words, self._places = words_of(text, prices_are_numbers=prices_are_numbers)
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
