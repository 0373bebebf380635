"""Texts in the one form in which they are compared, and phrases as expressions over it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from soundstage.spoken_form._atoms import JOIN, Atom, written_atoms
from soundstage.spoken_form._readings import MONEY, read_atoms

if TYPE_CHECKING:
    from collections.abc import Sequence

Reading: TypeAlias = Literal["value", "digits"]
"""`value`: 24.50 is 24.5, and $24.50 is 24.5 dollars. `digits`: both are 24 and 50."""

READINGS: Final[tuple[Reading, ...]] = ("value", "digits")

_EDGE_BEFORE: Final = rf"(?<![^ {JOIN}])"
_EDGE_AFTER: Final = rf"(?![^ {JOIN}])"
_CENTS: Final = re.compile(r"\d+\.\d\d")
_SHORTEST_PART: Final = 2
_SHORTEST_COMPOUND: Final = 5
_NEVER_APART: Final = frozenset(
    {"notable", "nowhere", "together", "therapist", "target", "island", "inform", "office"}
)
"""Words whose two halves say something else."""


def atoms_of(text: str) -> list[Atom]:
    """The atoms of a text, read."""
    return [atom for atom in read_atoms(written_atoms(text)) if atom.text]


class Comparable:
    """A text as it is compared.

    Args:
        atoms: of the text.
        reading: how decimals and prices are read.

    Attributes:
        line: the atoms with a space between any two, or `JOIN` where they may belong together.
    """

    def __init__(self, atoms: Sequence[Atom], reading: Reading) -> None:
        self.atoms = list(atoms)
        self.line = ""
        self._ends: list[int] = []
        previous: Atom | None = None
        for nth, atom in enumerate(self.atoms):
            text = rendered(self.atoms, nth, reading)
            if text:
                self.line += _between(previous, atom) + text
                previous = atom
            self._ends.append(len(self.line))

    def atoms_between(self, start: int, end: int) -> tuple[int, int]:
        """The range of atoms for a range of characters of the line."""
        first = next(nth for nth, upto in enumerate(self._ends) if upto > start)
        last = next(nth for nth, upto in enumerate(self._ends) if upto >= end)
        return first, last + 1


def rendered(atoms: Sequence[Atom], nth: int, reading: Reading) -> str:
    """An atom as it stands in the line."""
    atom = atoms[nth]
    if not atom.is_number:
        has_cents = bool(nth) and _CENTS.fullmatch(atoms[nth - 1].text)
        return "" if reading == "digits" and atom.text in MONEY and has_cents else atom.text
    if reading == "digits":
        return atom.text.replace(".", JOIN)
    whole, _, decimals = atom.text.partition(".")
    decimals = decimals.rstrip("0")
    return f"{whole}.{decimals}" if decimals else whole


def _between(left: Atom | None, right: Atom) -> str:
    if left is None:
        return ""
    is_code = right.glued and (left.is_number or right.is_number)
    return JOIN if is_code or (left.kind != "word" and right.kind != "word") else " "


def expression(atoms: Sequence[Atom], reading: Reading) -> str:
    """A regular expression that finds the atoms in a line of the same reading."""
    parts: list[str] = []
    previous: Atom | None = None
    for nth, atom in enumerate(atoms):
        text = rendered(atoms, nth, reading)
        if not text:
            continue
        parts.append(_separator(previous, atom) + _letters(text, atom))
        previous = atom
    return "".join(parts)


def phrase_pattern(text: str) -> re.Pattern[str]:
    """What finds the words of a text in `line_of` another one, whole."""
    return whole(expression(atoms_of(text), "value"))


def line_of(text: str) -> str:
    """A text in the form in which it is compared."""
    return Comparable(atoms_of(text), "value").line


def needs_digits(atoms: Sequence[Atom]) -> bool:
    """Whether the atoms can be written as figures in more than one way."""
    numbers = [atom for atom in atoms if atom.is_number]
    return len(numbers) > 1 or any("." in atom.text for atom in numbers)


def whole(pattern: str) -> re.Pattern[str]:
    """The expression, found only where it begins and ends with an atom."""
    return re.compile(f"{_EDGE_BEFORE}(?:{pattern}){_EDGE_AFTER}")


def same_words(left: str, right: str) -> bool:
    """Whether two texts say the same, whatever way their numbers are written."""
    mine, other = atoms_of(left), atoms_of(right)
    both = needs_digits(mine) or needs_digits(other)
    return any(
        re.fullmatch(expression(mine, reading), Comparable(other, reading).line)
        or re.fullmatch(expression(other, reading), Comparable(mine, reading).line)
        for reading in (READINGS if both else READINGS[:1])
    )


def _separator(left: Atom | None, right: Atom) -> str:
    if left is None:
        return ""
    if not left.is_number and not right.is_number and (left.kind == "word" or right.kind == "word"):
        apart = left.text + right.text in _NEVER_APART
        return " " if apart else " ?"  # "good bye" is "goodbye", "e mail" is "email"
    if left.kind == right.kind == "letter":
        return f"[ {JOIN}]?"
    return f"{JOIN}?" if left.is_number and right.is_number else f"[ {JOIN}]"


def _letters(text: str, atom: Atom) -> str:
    if atom.is_number:
        return f"{JOIN}?".join(re.escape(letter) for letter in text)
    splits = range(_SHORTEST_PART, len(text) - _SHORTEST_PART + 1)
    spelled = f"{JOIN}?".join(re.escape(letter) for letter in text)
    if text in _NEVER_APART or not text.isalpha() or len(text) < _SHORTEST_COMPOUND:
        return spelled
    apart = [f"{re.escape(text[:at])} {re.escape(text[at:])}" for at in splits]
    if text[0] in "ex":
        apart.append(f"{text[0]}[ {JOIN}]{re.escape(text[1:])}")  # "e mail"
    return f"(?:{'|'.join([spelled, *apart])})"
