"""What atoms mean together: number words are numbers, `dollars and cents` one price."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from soundstage.spoken_form._atoms import SINGULARS, UNITS, Atom, ordinal_word
from soundstage.spoken_form._months import MONTHS, SHORT_MONTHS
from soundstage.spoken_form._number_words import (
    ORDINALS,
    SCALES,
    is_number_word,
    read_number,
    times_scale,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MONEY: Final = frozenset({"dollars", "euros", "pounds"})
HALVES: Final = frozenset({"am", "pm"})
DAY_PARTS: Final = {
    "in the morning": "am",
    "in the afternoon": "pm",
    "in the evening": "pm",
    "at night": "pm",
}
_PARTS: Final = {"and a half": "5", "and a quarter": "25", "and 3 quarters": "75"}
_MINUTES_PAST: Final = {"half": "30", "quarter": "15"}
_MINUTES_TO: Final = {"half": "30", "quarter": "45"}
_MAX_HOUR: Final = 24
_CENTS: Final = 2


def read_atoms(atoms: Sequence[Atom]) -> list[Atom]:
    """Atoms as they are compared, whatever way they were written or said."""
    read = list(atoms)
    for step in _STEPS:
        read = _rewritten(read, step)
    return read


def _rewritten(
    atoms: list[Atom], step: Callable[[list[Atom], int], tuple[list[Atom], int] | None]
) -> list[Atom]:
    """Each place of the atoms rewritten by a step: what it makes of how many, or None."""
    made: list[Atom] = []
    at = 0
    while at < len(atoms):
        found = step(atoms, at)
        if found is None:
            made.append(atoms[at])
            at += 1
        else:
            made += found[0]
            at += found[1]
    return made


def _joined(atoms: Sequence[Atom], text: str, like: Atom | None = None, kind: str = "") -> Atom:
    """One atom for several: it comes from all of their places."""
    one = replace(like or atoms[0], text=text, first=atoms[0].first, last=atoms[-1].last)
    one = replace(one, pause=atoms[0].pause, glued=atoms[0].glued)
    return replace(one, kind=kind) if kind else one


def _text(atoms: Sequence[Atom], at: int) -> str:
    return atoms[at].text if 0 <= at < len(atoms) else ""


def _is_number(atoms: Sequence[Atom], at: int) -> bool:
    return 0 <= at < len(atoms) and atoms[at].is_number


def _initials(atoms: list[Atom], at: int) -> tuple[list[Atom], int] | None:
    """`p m` after a number is `pm`; `B as in bravo` is `B`."""
    if atoms[at].kind != "letter":
        return None
    letter = atoms[at].text
    if letter in "ap" and _text(atoms, at + 1) == "m" and at and atoms[at - 1].kind != "letter":
        return [_joined(atoms[at : at + 2], f"{letter}m", kind="word")], 2
    spelled = _text(atoms, at + 3)
    words = (_text(atoms, at + 1), _text(atoms, at + 2))
    if words == ("as", "in") and spelled.startswith(letter) and len(spelled) > 1:
        return [_joined(atoms[at : at + 4], letter)], 4
    return None


def _number_words(atoms: list[Atom], at: int) -> tuple[list[Atom], int] | None:
    word = atoms[at].text
    if atoms[at].is_number:
        return None
    if word in {"oh", "o"} and (_is_number(atoms, at - 1) or _near_number(atoms, at)):
        return [replace(atoms[at], text="0", kind="number")], 1
    words = _unbroken(atoms, at)
    if word == "point" and len(words) > 1 and is_number_word(words[1]):
        words = ["zero", *words]
        found = read_number(words)
        if found and "." in found.figures:
            return [
                _joined(atoms[at : at + found.words - 1], found.figures, kind="number")
            ], found.words - 1
        return None
    if word == "a" and _text(atoms, at + 1) in {"hundred", *SCALES} and len(words) > 1:
        words = ["one", *words[1:]]
    found = read_number(words) if is_number_word(words[0]) else None
    if found is None:
        return None
    run = atoms[at : at + found.words]
    if found.is_ordinal:
        return [_joined(run, ordinal_word(int(found.figures)), kind="word")], found.words
    return [_joined(run, found.figures, kind="number")], found.words


def _scaled(atoms: list[Atom], at: int) -> tuple[list[Atom], int] | None:
    """`2.5 million`, `two and a half million`: the number itself."""
    scale = _text(atoms, at + 1)
    if not atoms[at].is_number or scale not in SCALES or atoms[at + 1].pause:
        return None
    return [_joined(atoms[at : at + 2], times_scale(atoms[at].text, scale))], 2


def _unbroken(atoms: Sequence[Atom], at: int, limit: int = 24) -> list[str]:
    """The words from here to the next pause or figure."""
    words = [atoms[at].text]
    for atom in atoms[at + 1 : at + limit]:
        if atom.pause or atom.is_number:
            break
        words.append(atom.text)
    return words


def _near_number(atoms: Sequence[Atom], at: int) -> bool:
    """Whether `oh` has a number word on one of its sides: `oh seven`, `nine oh five`."""
    before, after = _text(atoms, at - 1), _text(atoms, at + 1)
    follows = is_number_word(before) or before in {"oh", "point"}
    leads = is_number_word(after) or (after == "oh" and is_number_word(_text(atoms, at + 2)))
    return follows or (leads and atoms[at].text == "oh" and not atoms[at + 1].pause)


def _dozen(atoms: list[Atom], at: int) -> tuple[list[Atom], int] | None:
    if atoms[at].text == "half" and (_text(atoms, at + 1), _text(atoms, at + 2)) == ("a", "dozen"):
        return [_joined(atoms[at : at + 3], "6", kind="number")], 3
    if atoms[at].text == "a" and _text(atoms, at + 1) == "dozen":
        return [_joined(atoms[at : at + 2], "12", kind="number")], 2
    if atoms[at].is_number and _text(atoms, at + 1) == "dozen" and atoms[at].text.isdigit():
        return [_joined(atoms[at : at + 2], str(12 * int(atoms[at].text)))], 2
    return None


def _and_a_half(atoms: list[Atom], at: int) -> tuple[list[Atom], int] | None:
    if not atoms[at].is_number or "." in atoms[at].text:
        return None
    words = " ".join(_text(atoms, at + nth) for nth in (1, 2, 3))
    part = _PARTS.get(words)
    return ([_joined(atoms[at : at + 4], f"{atoms[at].text}.{part}")], 4) if part else None


def _negative(atoms: list[Atom], at: int) -> tuple[list[Atom], int] | None:
    minus = atoms[at].text in {"minus", "negative"} and not _is_number(atoms, at - 1)
    if not minus or not _is_number(atoms, at + 1):
        return None
    return [_joined(atoms[at : at + 2], f"-{atoms[at + 1].text}", kind="number")], 2


def _units(atoms: list[Atom], at: int) -> tuple[list[Atom], int] | None:
    if not _is_number(atoms, at - 1) or atoms[at].text not in UNITS:
        return None
    names = [SINGULARS.get(name, name) for name in UNITS[atoms[at].text].split()]
    return [replace(atoms[at], text=name, glued=False, kind="word") for name in names], 1


def _day_part(atoms: list[Atom], at: int) -> tuple[list[Atom], int] | None:
    """`in the morning` after a number is one atom: it says which half of the day."""
    if not _is_number(atoms, at - 1):
        return None
    for part in DAY_PARTS:
        words = part.split()
        if [atom.text for atom in atoms[at : at + len(words)]] == words:
            return [_joined(atoms[at : at + len(words)], part)], len(words)
    return None


def _percent(atoms: list[Atom], at: int) -> tuple[list[Atom], int] | None:
    """`per cent` is `percent`."""
    if atoms[at].text == "per" and _text(atoms, at + 1) in {"cent", "cents"}:
        return [_joined(atoms[at : at + 2], "percent")], 2
    return None


def _price(atoms: list[Atom], at: int) -> tuple[list[Atom], int] | None:
    """`24 dollars and 50 cents` is 24.50 dollars; recognisers write `$25 and $0.50` too."""
    if _text(atoms, at + 1) == "cents" and _is_below_100(atoms, at):
        cents = replace(atoms[at], text=f"0.{atoms[at].text.zfill(_CENTS)}")
        return [cents, replace(atoms[at + 1], text="dollars")], 2
    if not (atoms[at].is_number and _text(atoms, at + 1) in MONEY) or "." in atoms[at].text:
        return None
    part = at + 2 + (_text(atoms, at + 2) == "and")
    if not _is_number(atoms, part) or (atoms[part].pause and _text(atoms, at + 2) != "and"):
        return None
    coins, unit = atoms[part].text, _text(atoms, part + 1)
    end = part + 1
    if coins.startswith("0.") and unit in MONEY:
        hundredths = coins[2:].ljust(_CENTS, "0")
        end += 1 + (_text(atoms, part + 2) == "cents")
    elif unit == "cents" and _is_below_100(atoms, part):
        hundredths, end = coins.zfill(_CENTS), end + 1
    elif _text(atoms, at + 2) != "and" and coins.isdigit() and len(coins) == _CENTS:
        hundredths = coins  # "five dollars fifty"
    else:
        return None
    amount = _joined([atoms[at], *atoms[part:end]], f"{atoms[at].text}.{hundredths}")
    return [replace(amount, last=atoms[at].last), atoms[at + 1]], end - at


def _is_below_100(atoms: Sequence[Atom], at: int) -> bool:
    return _is_number(atoms, at) and atoms[at].text.isdecimal() and len(atoms[at].text) <= _CENTS


def _clock(atoms: list[Atom], at: int) -> tuple[list[Atom], int] | None:
    """`half past three`, `quarter to eight`, `3 o'clock`: hour and minute."""
    a = atoms[at].text == "a"
    start = at + a
    part = _text(atoms, start)
    if atoms[at].is_number and _text(atoms, at + 1) in {"oclock", "o'clock"} and not a:
        return [_joined(atoms[at : at + 2], atoms[at].text, kind="clock")], 2
    relation, hour = _text(atoms, start + 1), start + 2
    if (
        part not in _MINUTES_PAST
        or relation not in {"past", "to", "after"}
        or not _is_number(atoms, hour)
    ):
        return None
    if not atoms[hour].text.isdigit() or not 0 < int(atoms[hour].text) <= _MAX_HOUR:
        return None
    minute, spoken_hour = _MINUTES_PAST[part], int(atoms[hour].text)
    if relation == "to":
        minute, spoken_hour = _MINUTES_TO[part], spoken_hour - 1 or 12
    run = atoms[at : hour + 1]
    parts = [_joined(run, str(spoken_hour), kind="clock"), _joined(run, minute, kind="clock")]
    return parts, hour + 1 - at


def _date(atoms: list[Atom], at: int) -> tuple[list[Atom], int] | None:
    """`the 3rd of March`, `March 3rd`, `Mar 3`: the month, then the day as a number."""
    month = _month(atoms, at)
    if month:
        skip = 1 + (_text(atoms, at + 1) == "the")
        day = _day(atoms, at + skip)
        if day is None:
            return None
        name = replace(atoms[at], text=month)
        return [name, replace(atoms[at + skip], text=day, kind="number", glued=False)], skip + 1
    start = at + (atoms[at].text == "the")
    day = _day(atoms, start)
    of = start + 1 + (_text(atoms, start + 1) == "of")
    month = _month(atoms, of)
    if day is None or not month or (of == start + 1 and atoms[of].pause):
        return None
    run = atoms[at : of + 1]
    return [_joined(run, month, kind="word"), _joined(run, day, kind="number")], of + 1 - at


def _month(atoms: Sequence[Atom], at: int) -> str:
    text = _text(atoms, at)
    return text if text in MONTHS else SHORT_MONTHS.get(text, "")


def _day(atoms: Sequence[Atom], at: int) -> str | None:
    text = _text(atoms, at)
    value = ORDINALS.get(text) or (
        int(text[:-2]) if text[:-2].isdigit() and text.endswith("th") else 0
    )
    if not value and _is_number(atoms, at) and text.isdigit():
        value = int(text)
    return str(value) if 0 < value <= 31 else None  # noqa: PLR2004 - days of a month


_STEPS: Final = (
    _initials,
    _number_words,
    _dozen,
    _and_a_half,
    _scaled,
    _negative,
    _units,
    _percent,
    _price,
    _clock,
    _day_part,
    _date,
)
