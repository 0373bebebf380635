"""Figures as English words: how a number is read out."""

from __future__ import annotations

from typing import Final

from soundstage.spoken_form._number_words import ORDINALS, SCALES, SMALL, TENS

_LONGEST_NUMBER: Final = 12
_DESCENDING: Final = (
    *((value, name) for name, value in reversed(SCALES.items())),
    (100, "hundred"),
)
_ORDINAL_OF: Final = {SMALL[n]: word for word, n in ORDINALS.items() if n < len(SMALL)} | {
    TENS[n // 10 - 2]: word for word, n in ORDINALS.items() if n >= len(SMALL)
}


def cardinal(figures: str) -> str:
    """Figures as a number; one by one where they are a code rather than a quantity.

    Args:
        figures: decimal digits only.
    """
    if len(figures) > _LONGEST_NUMBER or (figures.startswith("0") and figures != "0"):
        return one_by_one(figures)
    return _spelled(int(figures))


def one_by_one(figures: str) -> str:
    """`007` is `zero zero seven`."""
    return " ".join(SMALL[int(figure)] for figure in figures)


def ordinal(number: int) -> str:
    """`21` is `twenty first`."""
    *before, last = _spelled(number).split()
    return " ".join([*before, _ORDINAL_OF.get(last, f"{last}th")])


def year(figures: str) -> str:
    """Four figures in pairs, as years are read: `nineteen ninety nine`, `twenty oh five`."""
    first, last = figures[:2], figures[2:]
    if first.endswith("0") and last.startswith("0"):
        return cardinal(figures)
    if last == "00":
        return f"{cardinal(first)} hundred"
    return f"{cardinal(first)} {minutes(last)}"


def minutes(figures: str) -> str:
    """Two figures after an hour: `05` is `oh five`."""
    return f"oh {SMALL[int(figures)]}" if figures.startswith("0") else cardinal(figures)


def _spelled(number: int) -> str:
    for scale, name in _DESCENDING:
        if number >= scale:
            above, below = divmod(number, scale)
            rest = f" {_spelled(below)}" if below else ""
            return f"{_spelled(above)} {name}{rest}"
    if number < len(SMALL):
        return SMALL[number]
    tens, ones = divmod(number, 10)
    return f"{TENS[tens - 2]} {SMALL[ones]}" if ones else TENS[tens - 2]
