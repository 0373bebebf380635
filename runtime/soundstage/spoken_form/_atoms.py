"""A text as atoms: words, numbers and letters, whatever way each was written."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from msgspec import Struct

from soundstage.spoken_form._months import MONTHS
from soundstage.spoken_form._number_words import ORDINALS, times_scale

if TYPE_CHECKING:
    from collections.abc import Callable

JOIN: Final = "\u203f"
"""Between figures and letters that are said one after the other: they may belong together."""

SlotType: TypeAlias = Literal["number", "money", "time", "date", "email", "spelled"]

Kind: TypeAlias = Literal["word", "number", "letter", "clock"]


class Atom(Struct, frozen=True):
    """A part of a text that is compared as one.

    Attributes:
        text: the word in lower case, or the figures of a number, with its decimals as written.
        kind: `clock` is a number that is the hour or the minute of a time of day.
        first: the place of the first written word that it comes from.
        last: the place of the last one.
        pause: whether punctuation or a space with a dash stands before it.
        glued: whether it was written together with the atom before it, as in `ABC12`.
    """

    text: str
    kind: Kind = "word"
    first: int = 0
    last: int = 0
    pause: bool = False
    glued: bool = False

    @property
    def is_number(self) -> bool:
        return self.kind in {"number", "clock"}


CURRENCIES: Final = {"$": "dollars", "€": "euros", "£": "pounds", "usd": "dollars"} | {
    "eur": "euros",
    "gbp": "pounds",
}
SIGNS: Final = {
    "%": "percent",
    "&": "and",
    "@": "at",
    "+": "plus",
    "=": "equals",
    "#": "number",
    "°c": "degrees celsius",
    "°f": "degrees fahrenheit",
    "°": "degrees",
}
UNITS: Final = {
    "km": "kilometers",
    "cm": "centimeters",
    "mm": "millimeters",
    "kg": "kilograms",
    "km/h": "kilometers per hour",
    "mph": "miles per hour",
    "lbs": "pounds",
    "lb": "pounds",
    "ft": "feet",
    "min": "minutes",
    "mins": "minutes",
    "sec": "seconds",
    "secs": "seconds",
    "hr": "hours",
    "hrs": "hours",
    "gb": "gigabytes",
    "mb": "megabytes",
    "kb": "kilobytes",
    "ml": "milliliters",
    "oz": "ounces",
    "ms": "milliseconds",
    "kwh": "kilowatt hours",
}
"""Units that are written short after a figure."""

_SPELLINGS: Final = {
    "mr": "mister",
    "dr": "doctor",
    "ok": "okay",
    "cannot": "can not",
    "metres": "meters",
    "kilometres": "kilometers",
    "litres": "liters",
    "centimetres": "centimeters",
    "can't": "can not",
    "won't": "will not",
    "shan't": "shall not",
    "o'clock": "oclock",
}
_CONTRACTIONS: Final = (("n't", "not"), ("'re", "are"), ("'ll", "will"), ("'ve", "have"))
SINGULARS: Final = {"dollar": "dollars", "euro": "euros", "pound": "pounds", "cent": "cents"} | {
    "penny": "cents",
    "pence": "cents",
    "pennies": "cents",
    "degree": "degrees",
    "kilometer": "kilometers",
    "kilogram": "kilograms",
    "foot": "feet",
    "minute": "minutes",
    "hour": "hours",
    "mile": "miles",
    "inch": "inches",
    "buck": "dollars",
    "bucks": "dollars",
    "quid": "pounds",
}
_MARKS: Final = re.compile("[\u0300-\u036f]")
_QUOTES: Final = str.maketrans("\u2018\u2019\u02bc\u2010\u2011\u2212\u2044\u00d7", "'''---/x")
_VULGAR: Final = {"½": ".5", "¼": ".25", "¾": ".75"}
_FRACTIONS: Final = {"1/2": ".5", "1/4": ".25", "3/4": ".75"}
_TOP_DOMAINS: Final = "com|org|net|edu|gov|io|dev|app|ai|info|co|uk|us|de|ie|eu|fr|test|example"

_WRITTEN: Final = rf"""
    (?P<email>[a-z0-9][\w.+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)+)
  | (?P<domain>\b(?:[a-z0-9-]+\.)+(?:{_TOP_DOMAINS})\b(?:/[\w./-]*)?)
  | (?P<mailbox>\b[a-z0-9]+(?:[._][a-z0-9]+)+(?=\s+at\s))
  | (?P<initials>\b(?:[^\W\d_]\.){{2,}}(?:[^\W\d_]\b)?)
  | (?P<isodate>\b\d{{4}}-\d\d?-\d\d?\b)
  | (?P<slashdate>\b\d\d?/\d\d?/(?:\d{{4}}|\d\d)\b)
  | (?P<time>\b\d{{1,2}}:[0-5]\d(?::[0-5]\d)?(?!\d))
  | (?P<ratio>\b\d+:\d+\b)
  | (?P<height>\b\d'\s?\d{{1,2}}(?:"|''))
  | (?P<money>[$€£]\s?\d[\d,]*(?:\.\d+)?(?:\s?(?:thousand|million|billion|trillion|k|m|bn)\b)?)
  | (?P<priced>\b\d[\d,]*(?:\.\d+)?\s?(?:[$€£]|(?:usd|eur|gbp)\b))
  | (?P<ordinal>\b\d+(?:st|nd|rd|th)\b)
  | (?P<mixed>\b\d+\s\d/\d\b | (?<![\d/])\d/\d(?![\d/]))
  | (?P<figures>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?(?!\d) | \d+(?:\.\d+)? | (?<![\w.])\.\d+)
  | (?P<degrees>°[cf]?)
  | (?P<sign>[%&@+=#])
  | (?P<speed>\bkm/h\b)
  | (?P<word>[^\W\d_]+(?:'[^\W\d_]+)*)
  | (?P<dash>[-\u2013\u2014])
  | (?P<break>[,.;:!?\u2026()\[\]"])
    """


@cache
def _written() -> re.Pattern[str]:
    # With the first text: to compile it takes longer than to read a short scenario.
    return re.compile(_WRITTEN, re.VERBOSE)


def plain(text: str) -> str:
    """The text in lower case, without accents, with one form of each quote and dash."""
    for sign, decimals in _VULGAR.items():
        text = text.replace(sign, decimals)
    decomposed = unicodedata.normalize("NFKD", text).translate(_QUOTES).lower()
    return unicodedata.normalize("NFC", _MARKS.sub("", decomposed))


def written_atoms(text: str) -> list[Atom]:
    """The atoms of a text as they are written; number words are still words."""
    tokens = [re.sub(r"\s+", "", plain(token)) for token in text.split()]
    starts = [0, *accumulate(len(token) + 1 for token in tokens)]
    line = " ".join(tokens)
    atoms: list[Atom] = []
    pause, end = False, -1
    for found in _written().finditer(line):
        kind = found.lastgroup or ""
        if kind == "break" or (kind == "dash" and not _joins(line, found)):
            pause = True
            continue
        if kind == "dash" and not _is_minus(line, found):
            end = found.end() if end == found.start() else -1
            continue
        first = bisect_right(starts, found.start()) - 1
        last = bisect_right(starts, found.end() - 1) - 1
        parts = _parts(kind, found.group())
        for nth, (part, part_kind) in enumerate(parts):
            glued = not nth and end == found.start()
            atoms.append(Atom(part, part_kind, first, last, pause and not nth, glued))
        if parts:
            pause, end = False, found.end()
    return atoms


def _joins(line: str, dash: re.Match[str]) -> bool:
    """Whether a dash has no space on both sides: `e-mail`, `-5`."""
    after = line[dash.end() : dash.end() + 1]
    before = line[dash.start() - 1 : dash.start()]
    return bool(after.strip()) and (bool(before.strip()) or after.isdigit())


def _is_minus(line: str, dash: re.Match[str]) -> bool:
    before = line[dash.start() - 1 : dash.start()] if dash.start() else " "
    return before in " (" and line[dash.end() : dash.end() + 1].isdigit()


_Part: TypeAlias = tuple[str, Kind]


def _parts(kind: str, text: str) -> list[_Part]:
    """What a written form is in words and figures."""
    reader = _READERS.get(kind)
    return reader(text) if reader else [(text, "word")]


def _words(text: str) -> list[_Part]:
    return [(word, "word") for word in text.split()]


def _word(text: str) -> list[_Part]:
    if len(text) == 1:
        return [(text, "letter")]
    if re.match(r"[odl]'\w{3}", text) and text != "o'clock":
        return [(text.replace("'", ""), "word")]
    text = _SPELLINGS.get(text, SINGULARS.get(text, text))
    for ending, word in _CONTRACTIONS:
        if text.endswith(ending) and len(text) > len(ending):
            return [(text.removesuffix(ending), "word"), (word, "word")]
    return _words(text)


def _number(text: str) -> _Part:
    figures = text.replace(",", "")
    return (f"0{figures}" if figures.startswith(".") else figures, "number")


def _money(text: str) -> list[_Part]:
    found = re.fullmatch(r"([$€£])?\s?([\d,.]+)\s?([a-z]+|[$€£])?", text)
    if found is None:
        return _words(text)
    sign, amount, rest = found.groups()
    figures = amount.replace(",", "").rstrip(".")
    scale = {"k": "thousand", "m": "million", "bn": "billion"}.get(rest or "", rest or "")
    currency = CURRENCIES.get(sign or "", "") or CURRENCIES.get(scale, "")
    if scale not in CURRENCIES and scale:
        figures = times_scale(figures, scale)
    return [(figures, "number"), (currency, "word")]


def _time(text: str) -> list[_Part]:
    hour, *rest = text.split(":")
    parts: list[_Part] = [(hour.lstrip("0") or "0", "clock")]
    return parts + [(part, "clock") for part in rest if part != "00"]


def _ratio(text: str) -> list[_Part]:
    left, _, right = text.partition(":")
    return [(left, "number"), ("to", "word"), (right, "number")]


def _height(text: str) -> list[_Part]:
    feet, inches = re.findall(r"\d+", text)
    return [(feet, "number"), ("feet", "word"), (inches, "number")]


def _date(text: str) -> list[_Part]:
    parts = re.split(r"[-/]", text)
    year, month, day = parts if len(parts[0]) == len("2026") else (parts[2], parts[0], parts[1])
    if not 1 <= int(month) <= len(MONTHS) or not int(day):
        return [(part, "number") for part in parts]
    return [(MONTHS[int(month) - 1], "word"), (str(int(day)), "number"), (year, "number")]


def _ordinal(text: str) -> list[_Part]:
    return _words(ordinal_word(int(text[:-2])))


def ordinal_word(number: int) -> str:
    """How an ordinal is compared: `third`, but `21th`, since it is said in two words."""
    return _ORDINAL_WORDS.get(number, f"{number}th")


def _mixed(text: str) -> list[_Part]:
    whole, _, fraction = text.rpartition(" ")
    if fraction not in _FRACTIONS:
        return [(part, "number") for part in re.findall(r"\d+", text)]
    return [((whole or "0") + _FRACTIONS[fraction], "number")]


def _address(text: str) -> list[_Part]:
    names = {".": "dot", "@": "at", "-": "dash", "_": "underscore", "+": "plus", "/": "slash"}
    parts: list[_Part] = []
    for piece in re.findall(r"[^\W\d_]+|\d+|[.@_+/-]", text):
        kind: Kind = "number" if piece.isdecimal() else "letter" if len(piece) == 1 else "word"
        parts.append((names[piece], "word") if piece in names else (piece, kind))
    return parts


def _sign(text: str) -> list[_Part]:
    return _words(SIGNS[text])


_ORDINAL_WORDS: Final = {value: word for word, value in ORDINALS.items()}
_READERS: Final[dict[str, Callable[[str], list[_Part]]]] = {
    "email": _address,
    "domain": _address,
    "mailbox": _address,
    "initials": lambda text: [(text.replace(".", ""), "word")],
    "isodate": _date,
    "slashdate": _date,
    "time": _time,
    "ratio": _ratio,
    "height": _height,
    "money": _money,
    "priced": _money,
    "ordinal": _ordinal,
    "mixed": _mixed,
    "figures": lambda text: [_number(text)],
    "degrees": _sign,
    "sign": _sign,
    "word": _word,
    "dash": lambda _: [("minus", "word")],
}
