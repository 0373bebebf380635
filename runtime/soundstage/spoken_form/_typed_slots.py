"""Typed slots: how a number, a price, a time, a date, an address or a code stands in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

from soundstage.spoken_form._atoms import JOIN, SlotType
from soundstage.spoken_form._months import MONTHS
from soundstage.spoken_form._readings import DAY_PARTS, HALVES, MONEY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from soundstage.spoken_form._atoms import Atom

SLOT_TYPES: Final[tuple[SlotType, ...]] = get_args(SlotType)

_PART: Final = rf"[a-z0-9]+(?:{JOIN}[a-z0-9]+)*"
_LINK: Final = "(?:dot|dash|underscore|plus)"
_MONTH: Final = f"(?:{'|'.join(MONTHS)})"
_HALF: Final = f"(?:{'|'.join(sorted(HALVES))})"

SLOT_PATTERNS: Final[dict[SlotType, str]] = {
    "number": rf"-?\d[\d.{JOIN}]*",
    "money": rf"-?\d[\d.{JOIN}]*(?: (?:{'|'.join(sorted(MONEY))}))",
    "time": rf"(?:noon|midnight|\d[\d.{JOIN}]*(?:[ {JOIN}]{_HALF}| (?:{'|'.join(DAY_PARTS)}))?)",
    "date": rf"{_MONTH} \d+(?:[ {JOIN}]\d[\d{JOIN}]*)?",
    "email": rf"{_PART}(?: {_LINK} {_PART})* at {_PART}(?: {_LINK} {_PART})*(?: dot {_PART})",
    "spelled": _PART,
}
"""What may be a value of each type in a line; `value_of` decides whether it is one."""

_MAX_HOUR: Final = 24
_SIXTY: Final = 60
_NOON: Final = 12
_TELEPHONE: Final = 7
_LEAST_ONE_BY_ONE: Final = 3
_YEAR: Final = 4
_SIGNS: Final = {"dollars": "$", "euros": "€", "pounds": "£"}


def value_of(kind: SlotType, atoms: Sequence[Atom]) -> str | None:
    """The value of atoms that a slot has found, in the one form in which it is bound.

    A number is in figures (`24.50`, `007`), money has its sign (`$24.50`), a time has the form
    `19:45` (`7:45` where no half of the day was said), a date `March 3` or `2026-03-03`, an
    address is in lower case, what was spelled in capitals.

    Returns:
        The value, or None where the atoms are none of the type.
    """
    return _VALUES[kind](atoms)


def _number(atoms: Sequence[Atom]) -> str | None:
    """One number; several where they are the figures of one, as in a telephone number."""
    if len(atoms) == 1:
        return atoms[0].text
    figures = [atom.text for atom in atoms]
    if not all(text.isdigit() for text in figures):
        return None
    if any(atom.pause for atom in atoms[1:]):
        one_by_one = len(atoms) >= _LEAST_ONE_BY_ONE and all(len(text) == 1 for text in figures)
        if not one_by_one and len("".join(figures)) < _TELEPHONE:
            # "rooms 2, 3 and 4" is a list: the first of it is the number.
            first = next(nth for nth, atom in enumerate(atoms[1:], start=1) if atom.pause)
            return _number(atoms[:first])
    return "".join(figures)


def _money(atoms: Sequence[Atom]) -> str | None:
    *numbers, unit = atoms
    amount = _number(numbers)
    if amount is None:
        return None
    sign = _SIGNS[unit.text]
    return f"-{sign}{amount[1:]}" if amount.startswith("-") else f"{sign}{amount}"


def _time(atoms: Sequence[Atom]) -> str | None:
    if atoms[0].text in {"noon", "midnight"}:
        return "12:00" if atoms[0].text == "noon" else "00:00"
    figures: list[str] = []
    for atom in atoms:
        figures += atom.text.split(".") if atom.is_number else []
    if len(figures) == 3 and figures[1] == "0" and len(figures[2]) == 1:  # noqa: PLR2004 - "seven oh five"
        figures = [figures[0], f"0{figures[2]}"]
    half = _half(atoms)
    told = half or len(figures) > 1 or any(atom.kind == "clock" for atom in atoms)
    hour, minute, *_ = [*figures, "0"]
    if (
        not told
        or len(figures) > _LEAST_ONE_BY_ONE
        or (len(figures) > 1 and len(minute) != len("05"))
    ):
        return None
    return _of_day(int(hour), int(minute), half) if hour.isdigit() and minute.isdigit() else None


def _half(atoms: Sequence[Atom]) -> str:
    return next((DAY_PARTS.get(a.text, a.text) for a in atoms if not a.is_number), "")


def _of_day(hour: int, minute: int, half: str) -> str | None:
    if hour > _MAX_HOUR or minute >= _SIXTY or (half and not 0 < hour <= _NOON):
        return None
    if half:
        return f"{hour % _NOON + (_NOON if half == 'pm' else 0):02}:{minute:02}"
    return f"{hour}:{minute:02}"


def _date(atoms: Sequence[Atom]) -> str | None:
    month, day, *rest = (atom.text for atom in atoms)
    year = "".join(rest)
    if not year:
        return f"{month.capitalize()} {day}"
    if len(year) == len("26"):
        year = f"20{year}"
    if len(year) != _YEAR or not year.isdigit():
        return None
    return f"{year}-{MONTHS.index(month) + 1:02}-{int(day):02}"


def _email(atoms: Sequence[Atom]) -> str | None:
    names = {"dot": ".", "dash": "-", "underscore": "_", "plus": "+", "at": "@"}
    return "".join(names.get(atom.text, atom.text) for atom in atoms)


def _spelled(atoms: Sequence[Atom]) -> str | None:
    return "".join(atom.text for atom in atoms).upper()


_VALUES: Final[dict[SlotType, Callable[[Sequence[Atom]], str | None]]] = {
    "number": _number,
    "money": _money,
    "time": _time,
    "date": _date,
    "email": _email,
    "spelled": _spelled,
}
