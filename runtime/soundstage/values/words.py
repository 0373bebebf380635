"""Words as they are compared: lower case, no punctuation, numbers spelled out."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_SMALL: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
)
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES: Final = ((10**9, "billion"), (10**6, "million"), (10**3, "thousand"), (100, "hundred"))
_ORDINALS: Final = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_LONGEST_NUMBER: Final = 12
_CURRENCIES: Final = {
    "$": ("dollar", "cent"),
    "€": ("euro", "cent"),
    "£": ("pound", "penny"),
}
_SIGNS: Final = {"%": "percent", "&": "and", "@": "at", "+": "plus", "=": "equals", "°": "degrees"}
_SPELLINGS: Final = {"mr": "mister", "dr": "doctor", "ok": "okay"}

_MARKS: Final = re.compile("[\u0300-\u036f]")
_QUOTES: Final = str.maketrans("\u2018\u2019\u02bc", "'''")
_INITIALS: Final = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_GROUPED: Final = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_MINUS: Final = re.compile(r"(?<![\w.)])[-\u2212](?=\d)")
_MONEY: Final = re.compile(r"([$€£])(\d+)(?:\.(\d+))?(?: (thousand|million|billion)\b)?")
_CLOCK: Final = re.compile(r"\b(\d{1,2}):([0-5]\d)\b")
_ORDINAL: Final = re.compile(r"\b(\d+)(?:st|nd|rd|th)\b")
_DECIMAL: Final = re.compile(r"(\d+)\.(\d+)")
_WHOLE: Final = re.compile(r"\d+")
_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


def normalize(text: str) -> tuple[str, ...]:
    """The words of a text in the form in which two texts are compared.

    Case, punctuation and accents are gone; figures are words as they are read out: `$24.50` is
    `twenty four dollars and fifty cents`, `7:30` is `seven thirty`, `3rd` is `third`.
    """
    decomposed = unicodedata.normalize("NFKD", text.translate(_QUOTES)).lower()
    plain = unicodedata.normalize("NFC", _MARKS.sub("", decomposed))
    plain = _INITIALS.sub(lambda found: found.group().replace(".", ""), plain)
    spelled = _spell_figures(plain)
    for sign, word in _SIGNS.items():
        spelled = spelled.replace(sign, f" {word} ")
    return tuple(_SPELLINGS.get(found[0], found[0]) for found in _WORD.finditer(spelled))


def word_error_rate(reference: str, hypothesis: str) -> float:
    """Words to be replaced, inserted or deleted, over the words of the reference.

    Both texts are normalised first. Without words in the reference the rate is 0 where the
    hypothesis has none either, else 1.
    """
    wanted, given = normalize(reference), normalize(hypothesis)
    if not wanted:
        return 1.0 if given else 0.0
    return _distance(wanted, given) / len(wanted)


def _distance(wanted: Sequence[str], given: Sequence[str]) -> int:
    """Levenshtein's distance, word by word."""
    previous = list(range(len(given) + 1))
    for row, left in enumerate(wanted, start=1):
        current = [row]
        for column, right in enumerate(given, start=1):
            substituted = previous[column - 1] + (left != right)
            current.append(min(substituted, previous[column] + 1, current[-1] + 1))
        previous = current
    return previous[-1]


def _spell_figures(text: str) -> str:
    text = _GROUPED.sub("", text)
    text = _MINUS.sub(" minus ", text)
    text = _MONEY.sub(_money, text)
    text = _CLOCK.sub(_clock, text)
    text = _ORDINAL.sub(lambda found: f" {_ordinal(found[1])} ", text)
    text = _DECIMAL.sub(lambda found: f" {_cardinal(found[1])} point {_digits(found[2])} ", text)
    return _WHOLE.sub(lambda found: f" {_cardinal(found[0])} ", text)


def _money(found: re.Match[str]) -> str:
    sign, whole, fraction, scale = found.groups()
    unit, part = _CURRENCIES[sign]
    cents = "" if scale or fraction is None or len(fraction) != len("50") else fraction
    amount = _cardinal(whole)
    if fraction and not cents:
        amount += f" point {_digits(fraction)}"
    amount += f" {scale}" if scale else ""
    spelled = f"{amount} {unit if amount == 'one' else unit + 's'}"
    if cents.strip("0"):
        plural = "pence" if part == "penny" else f"{part}s"
        spelled += f" and {_cardinal(cents.lstrip('0'))} {part if int(cents) == 1 else plural}"
    return f" {spelled} "


def _clock(found: re.Match[str]) -> str:
    hour, minute = found.groups()
    if minute == "00":
        return f" {_cardinal(hour.lstrip('0') or '0')} "
    oh = "oh " if minute.startswith("0") else ""
    return f" {_cardinal(hour.lstrip('0') or '0')} {oh}{_cardinal(minute.lstrip('0'))} "


def _ordinal(figures: str) -> str:
    *before, last = _cardinal(figures).split()
    if last in _ORDINALS:
        last = _ORDINALS[last]
    else:
        last = f"{last.removesuffix('y')}ieth" if last.endswith("y") else f"{last}th"
    return " ".join([*before, last])


def _cardinal(figures: str) -> str:
    """Figures as a number; one by one where they are a code rather than a quantity."""
    if len(figures) > _LONGEST_NUMBER or (figures.startswith("0") and figures != "0"):
        return _digits(figures)
    return _spelled(int(figures))


def _digits(figures: str) -> str:
    return " ".join(_SMALL[int(figure)] for figure in figures)


def _spelled(number: int) -> str:
    for scale, name in _SCALES:
        if number >= scale:
            above, below = divmod(number, scale)
            return (
                f"{_spelled(above)} {name} {_spelled(below)}"
                if below
                else (f"{_spelled(above)} {name}")
            )
    if number < len(_SMALL):
        return _SMALL[number]
    tens, ones = divmod(number, 10)
    return f"{_TENS[tens - 2]} {_SMALL[ones]}" if ones else _TENS[tens - 2]
