"""Numbers as they are spoken, one word after the other."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TEENS = (
    *("ten", "eleven", "twelve", "thirteen", "fourteen"),
    *("fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9}
_SIGNS = ("minus", "negative")
_HUNDRED = 100

_FIGURES = r"[0-9]+(?:\.[0-9]+)?"
_WORD = "(?:" + "|".join([*_DIGITS, *_TEENS, *_TENS, "hundred", *_SCALES, "point", _FIGURES]) + ")"
_AND = "(?:" + "|".join(f"(?<={word} )and" for word in ("hundred", *_SCALES)) + ")"

NUMBER_PATTERN = rf"(?:(?:{'|'.join(_SIGNS)}) )?{_WORD}(?: (?:{_AND} )?{_WORD})*"
"""A regular expression for what may be a number in normalised words, a space between any two."""


def number_of(words: Sequence[str]) -> str | None:
    """The figures of a spoken number: `twenty four point five` is `24.5`.

    Digits said one by one (`one two three four`) stay as they are: `1234`.

    Args:
        words: normalised words, lower case.

    Returns:
        The figures, or None where the words are no single number.
    """
    if words and words[0] in _SIGNS:
        figures = number_of(words[1:])
        return f"-{figures}" if figures else None
    if len(words) == 1 and re.fullmatch(_FIGURES, words[0]):
        return words[0]
    whole, point, decimals = _split(words)
    before = _one_by_one(whole) if len(whole) > 1 else None
    before = before or _cardinal(whole)
    after = _one_by_one(decimals) or _cardinal(decimals)
    if before is None or (point and after is None):
        return None
    return f"{before}.{after}" if point else before


def _split(words: Sequence[str]) -> tuple[Sequence[str], bool, Sequence[str]]:
    if "point" not in words:
        return words, False, ()
    at = list(words).index("point")
    return words[:at], True, words[at + 1 :]


def _one_by_one(words: Sequence[str]) -> str | None:
    if not words or any(word not in _DIGITS for word in words):
        return None
    return "".join(str(_DIGITS.index(word)) for word in words)


def _cardinal(words: Sequence[str]) -> str | None:
    if list(words) == ["zero"]:
        return "0"
    total = group = 0
    ceiling: float = math.inf
    for word in words:
        if word in _SCALES:
            if not group or _SCALES[word] >= ceiling:
                return None
            ceiling = _SCALES[word]
            total, group = total + group * _SCALES[word], 0
            continue
        grown = _grown(group, word)
        if grown is None:
            return None
        group = grown
    return str(total + group) if total + group else None


def _grown(group: int, word: str) -> int | None:
    """A group of three figures with one more word said, or None where that cannot follow."""
    below = group % _HUNDRED
    if word == "and":
        return group
    if word == "hundred":
        return group * _HUNDRED if 0 < group < _HUNDRED else None
    if word in _TENS and not below:
        return group + 10 * (_TENS.index(word) + 2)
    if word in _TEENS and not below:
        return group + 10 + _TEENS.index(word)
    if word in _DIGITS[1:] and (not below or (below >= 20 and not below % 10)):  # noqa: PLR2004
        return group + _DIGITS.index(word)
    return None
