"""How written words are read out: figures, signs and codes as the words that a person would say.

A text normaliser of others was looked at first: NeMo's has no wheels for two of our platforms,
wetext reads telephone numbers as cardinals. What is here is held to a table, and to a recogniser.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from soundstage.spoken_form._atoms import CURRENCIES, UNITS
from soundstage.spoken_form._months import MONTHS, SHORT_MONTHS
from soundstage.spoken_form._number_names import cardinal, minutes, one_by_one, ordinal, year
from soundstage.spoken_form._number_words import SCALES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_TOKEN: Final = re.compile(
    r"""^([("'\[\u201c\u2018]*)(.*?)([)"'\]\u201d\u2019.,;:!?\u2026]*)$""", re.DOTALL
)
_TELEPHONE: Final = re.compile(r"\+?\(?\d+\)?(?:[-./]\d+)*")
_LEAST_TELEPHONE: Final = 7
_EMERGENCY: Final = frozenset({"911", "999", "112"})
_CALLING: Final = frozenset({"call", "dial", "ring", "phone", "called", "dialled"})
_SCALE_SIGNS: Final = {"k": "thousand", "m": "million", "bn": "billion"}
_CENTS: Final = {
    "dollars": ("cent", "cents"),
    "euros": ("cent", "cents"),
    "pounds": ("penny", "pence"),
}
_MONEY_SIGNS: Final = frozenset("$€£")
_FRACTIONS: Final = {"1/2": "one half", "1/4": "one quarter", "3/4": "three quarters"}
_VULGAR: Final = {"½": "a half", "¼": "a quarter", "¾": "three quarters"}
_DEGREES: Final = {"": "degrees", "c": "degrees celsius", "f": "degrees fahrenheit"}
_NAMES: Final = {".": "dot", "@": "at", "-": "dash", "_": "underscore", "+": "plus", "/": "slash"}
_ALONE: Final = {"&": "and", "=": "equals", "+": "plus", "@": "at", "%": "percent", "#": "number"}
_TOLL_FREE: Final = frozenset({"800", "888", "877", "866", "855", "900"})
_LONG_CODE: Final = 5
_YEARS: Final = range(1100, 2100)
_DAYS: Final = range(1, 32)

Read = str | None


def read_aloud(words: Sequence[str]) -> list[str]:
    """How each written word is read out; most are read as they are written.

    `007` is `zero zero seven`, `$24.50` `twenty four dollars and fifty cents`, `3:1` `three to
    one`, `john@example.com` `john at example dot com`, `07700 900123` its figures one by one.

    Args:
        words: a text, split at its spaces.

    Returns:
        As many texts, each with the punctuation of its word. One is empty where its word has been
        read with the one before it: `million` of `$2 million`.
    """
    read: list[str] = []
    telephone = _telephone_places(words)
    at = 0
    while at < len(words):
        before, core, after = _parts(words[at])
        following = _parts(words[at + 1])[1] if at + 1 < len(words) and not after else ""
        previous = _parts(words[at - 1])[1] if at else ""
        scaled = _in_two_words(core, following)
        if scaled is not None:
            read += [f"{before}{scaled}{_parts(words[at + 1])[2]}", ""]
            at += 2
            continue
        said = _telephone(core) if at in telephone else _read(core, previous, following)
        pause = "," if at in telephone and at + 1 in telephone and not after else ""
        read.append(words[at] if said is None else f"{before}{said}{pause}{after}")
        at += 1
    return read


def _in_two_words(core: str, following: str) -> Read:
    """`$2.5 million`, `$ 20`, `20 €`: an amount that is written with a space in it."""
    if following.lower() in SCALES:
        return _money(core, following.lower())
    if core in _MONEY_SIGNS or following in _MONEY_SIGNS:
        return _money(core + following, "")
    return None


def _parts(word: str) -> tuple[str, str, str]:
    """Punctuation before, the word itself, punctuation after it."""
    found = _TOKEN.match(word)
    before, core, after = (found[1], found[2], found[3]) if found else ("", word, "")
    if re.fullmatch(r"(?:[^\W\d_]\.)*[^\W\d_]", core) and after.startswith(".") and "." in core:
        core, after = f"{core}.", after[1:]
    if re.fullmatch(r"\d'\d{1,2}", core) and after.startswith(('"', "''")):
        core, after = f'{core}"', after[1:].removeprefix("'")
    return before, core, after


def _telephone_places(words: Sequence[str]) -> set[int]:
    """The places of words that are figures of a telephone number or of an account."""
    places: set[int] = set()
    run: list[int] = []
    for at, word in enumerate([*words, ""]):
        before, core, after = _parts(word)
        opening = "(" if before == "(" and after == ")" else ""
        if core and _TELEPHONE.fullmatch(core) and "." not in core and (not before or opening):
            run.append(at)
            if not after or opening:
                continue
        figures = [re.sub(r"\D", "", _parts(words[at])[1]) for at in run]
        if _is_telephone([words[at] for at in run], figures):
            places.update(run)
        run = []
    return places


def _is_telephone(words: Sequence[str], figures: Sequence[str]) -> bool:
    count = sum(map(len, figures))
    if count < _LEAST_TELEPHONE:
        return False
    grouped = len(words) > 1 or "-" in words[0] or words[0].startswith("+")
    dated = len(words) == 1 and re.fullmatch(r"\d{4}-\d\d?-\d\d?", _parts(words[0])[1])
    return grouped and not dated and max(map(len, figures)) > 1


def _telephone(core: str) -> str:
    groups = re.findall(r"\d+", core)
    said = ", ".join(one_by_one(group) for group in groups)
    return f"plus {said}" if core.startswith("+") else said


def _read(core: str, previous: str, following: str) -> Read:
    """How a word is read out, or None where it is read as it is written."""
    if core in _ALONE:
        return _ALONE[core] if following or core == "%" else None
    if not any(letter.isdigit() or letter in "@$€£°½¼¾" for letter in core):
        return _without_figures(core, previous)
    if core in _EMERGENCY and (core == "911" or previous.lower() in _CALLING):
        return one_by_one(core)
    if previous.lower() in {*MONTHS, *SHORT_MONTHS} and core.isdecimal() and int(core) in _DAYS:
        return ordinal(int(core))
    for reader in _READERS:
        said = reader(core, following)
        if said is not None:
            return said
    return None


def _without_figures(core: str, previous: str) -> Read:
    if "@" in core or re.fullmatch(
        r"(?:[\w-]+\.)+(?:com|org|net|io|dev|app|ai|co|uk|edu|gov)", core
    ):
        return _address(core)
    if re.fullmatch(r"[A-Z](?:-[A-Z])+", core):
        return ", ".join(_letter(letter) for letter in core.split("-"))
    if previous[-1:].isdecimal() and core.lower() in UNITS:
        return UNITS[core.lower()]
    # An article is written small inside of a sentence: a capital A there is the letter.
    if core == "A" and previous and previous[-1:] not in ".!?":
        return _letter(core)
    return None


def _letter(letter: str) -> str:
    """The name of a letter; voices read a lone A as the article."""
    return "eigh" if letter in "Aa" else letter.upper()


def _address(core: str) -> str:
    pieces = re.findall(r"[^\W\d_]+|\d+|[.@_+/-]", core)
    return " ".join(_NAMES.get(p, one_by_one(p) if p.isdecimal() else p) for p in pieces)


def _email(core: str, _: str) -> Read:
    return _address(core) if re.fullmatch(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", core) else None


def _money(core: str, following: str) -> Read:
    found = re.fullmatch(r"([$€£])?(\d[\d,]*)(?:\.(\d+))?(k|m|bn)?([$€£])?", core)
    sign = found and (found[1] or found[5])
    if found is None or not sign:
        return None
    whole, decimals = found[2].replace(",", ""), found[3] or ""
    scale = following if following in SCALES else _SCALE_SIGNS.get(found[4] or "", "")
    unit = CURRENCIES[sign]
    if scale:
        return f"{_decimal(whole, decimals)} {scale} {unit}"
    if len(decimals) > len("50"):
        return f"{_decimal(whole, decimals)} {unit}"
    cents = int(decimals.ljust(2, "0")) if decimals else 0
    part = f"{cardinal(str(cents))} {_CENTS[unit][cents != 1]}"
    if not int(whole) and cents:
        return part
    amount = f"{cardinal(whole)} {unit.removesuffix('s') if whole == '1' else unit}"
    return f"{amount} and {part}" if cents else amount


def _decimal(whole: str, decimals: str) -> str:
    return f"{cardinal(whole)} point {one_by_one(decimals)}" if decimals else cardinal(whole)


def _time(core: str, following: str) -> Read:
    found = re.fullmatch(r"(\d{1,2}):([0-5]\d)(?::([0-5]\d))?([ap]m)?", core, re.IGNORECASE)
    if found is None:
        return None
    hour = cardinal(str(int(found[1])))
    half = found[4] or re.sub(r"\W", "", following.lower())
    at_hour = "" if half in {"am", "pm"} else " o'clock"
    said = hour + at_hour if found[2] == "00" else f"{hour} {minutes(found[2])}"
    if found[3]:
        said += f" and {cardinal(str(int(found[3])))} seconds"
    return f"{said} {' '.join(found[4].upper())}" if found[4] else said


def _ratio(core: str, _: str) -> Read:
    found = re.fullmatch(r"(\d+):(\d+)", core)
    return f"{cardinal(found[1])} to {cardinal(found[2])}" if found else None


def _height(core: str, _: str) -> Read:
    found = re.fullmatch(r"""(\d)'(\d{1,2})"?""", core)
    return f"{cardinal(found[1])} foot {cardinal(found[2])}" if found else None


def _date(core: str, _: str) -> Read:
    found = re.fullmatch(r"(\d{4})-(\d\d?)-(\d\d?)", core)
    parts = (found[1], found[2], found[3]) if found else ()
    if not parts:
        found = re.fullmatch(r"(\d\d?)/(\d\d?)/(\d{4})", core)
        parts = (found[3], found[1], found[2]) if found else ()
    if not parts or not 1 <= int(parts[1]) <= len(MONTHS) or int(parts[2]) not in _DAYS:
        return None
    return f"{MONTHS[int(parts[1]) - 1]} {ordinal(int(parts[2]))}, {year(parts[0])}"


def _ordinal(core: str, _: str) -> Read:
    found = re.fullmatch(r"(\d+)(?:st|nd|rd|th)", core)
    return ordinal(int(found[1])) if found else None


def _fraction(core: str, _: str) -> Read:
    if core == "24/7":
        return "twenty four seven"
    found = re.fullmatch(r"(\d*)([½¼¾])", core)
    if found is None:
        return _FRACTIONS.get(core)
    return f"{cardinal(found[1])} and {_VULGAR[found[2]]}" if found[1] else _VULGAR[found[2]]


def _degrees(core: str, _: str) -> Read:
    found = re.fullmatch(r"([-\u2212]?)(\d+)(?:\.(\d+))?°([CcFf]?)", core)
    if found is None:
        return None
    minus = "minus " if found[1] else ""
    return f"{minus}{_decimal(found[2], found[3] or '')} {_DEGREES[found[4].lower()]}"


def _quantity(core: str, _: str) -> Read:
    """`5%`, `5km`, `-5`, `1,234.5`, `10-20`."""
    found = re.fullmatch(r"([-\u2212+]?)(\d[\d,]*)?(?:\.(\d+))?(%|[a-zA-Z/]+)?", core)
    if found is None or not (found[2] or found[3]):
        return None
    unit = found[4] or ""
    name = "percent" if unit == "%" else UNITS.get(unit.lower(), "")
    if unit and not name:
        return None
    sign = {"": "", "+": "plus "}.get(found[1], "minus ")
    whole = (found[2] or "").replace(",", "")
    if not found[3]:
        number = _whole(whole, grouped="," in (found[2] or ""))
    else:
        number = _decimal(whole, found[3]) if whole else f"point {one_by_one(found[3])}"
    return f"{sign}{number} {name}".rstrip()


def _whole(figures: str, *, grouped: bool) -> str:
    is_code = len(figures) >= _LONG_CODE and not figures.endswith("00") and not grouped
    if is_code or (figures.startswith("0") and len(figures) > 1):
        return one_by_one(figures)
    is_year = len(figures) == len("1999") and not grouped and int(figures) in _YEARS
    return year(figures) if is_year else cardinal(figures)


def _range(core: str, _: str) -> Read:
    found = re.fullmatch(r"(\d+)[-\u2013](\d+)", core)
    if found is None:
        return None
    if found[1] == "1" and found[2] in _TOLL_FREE:
        return f"one, {_whole(found[2], grouped=True)}"
    if found[1].startswith("0") or found[2].startswith("0"):
        return f"{one_by_one(found[1])}, {one_by_one(found[2])}"
    return f"{_whole(found[1], grouped=False)} to {_whole(found[2], grouped=False)}"


def _figures(core: str, _: str) -> Read:
    """Figures in groups that are none of the others: codes, versions."""
    if re.fullmatch(r"\d+(?:\.\d+){2,}", core):
        return " point ".join(cardinal(part) for part in core.split("."))
    if re.fullmatch(r"\d+(?:[-/]\d+)+", core):
        return ", ".join(one_by_one(part) for part in re.findall(r"\d+", core))
    return None


def _code(core: str, _: str) -> Read:
    """Letters and figures: `ABC12`, `X1`, `5G`, `A-1-B`; small letters stay a word."""
    if not re.fullmatch(r"(?:[A-Za-z]+|\d+)(?:-?(?:[A-Za-z]+|\d+))+", core):
        return None
    said: list[str] = []
    for piece in re.findall(r"[A-Za-z]+|\d+", core):
        if piece.isdecimal():
            said.append(
                _whole(piece, grouped=False) if len(piece) < len("123") else one_by_one(piece)
            )
        elif piece.isupper() or len(piece) == 1:
            said += [_letter(letter) for letter in piece]
        elif piece.lower() in {"am", "pm"}:
            said.append(" ".join(piece.upper()))
        else:
            said.append(piece)
    return " ".join(said)


_READERS: Final[tuple[Callable[[str, str], Read], ...]] = (
    *(_email, _money, _time, _ratio, _height, _date, _ordinal, _fraction, _degrees),
    *(_quantity, _range, _figures, _code),
)
