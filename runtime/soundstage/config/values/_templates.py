"""Templates: sentences with slots to be filled."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from soundstage.config.values._slots import Slot, split_at_slots
from soundstage.config.values._table import is_list
from soundstage.config.values._written import Written

if TYPE_CHECKING:
    from collections.abc import Mapping


_FIGURES = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


class Template(Written, str):
    """A text with slots: `"{temperature} degrees"`.

    Raises:
        ValueError: a brace stands alone, or what is in the braces is no slot.
    """

    PATTERN: ClassVar[str] = r"^([^{}]|\{[A-Za-z_][A-Za-z0-9_]*(:number)?\})*$"
    ADVICE: ClassVar[str] = 'a template is text with slots, as "{temperature} degrees"'

    __slots__ = ()

    def __init__(self, value: str) -> None:
        super().__init__(value)
        split_at_slots(value)

    @property
    def slots(self) -> tuple[str, ...]:
        """The names that it needs, in order."""
        return tuple(piece.name for piece in split_at_slots(self) if isinstance(piece, Slot))

    def fill(self, slots: Mapping[str, object]) -> str:
        """The text with its slots filled; one that is not bound leaves its name, readable."""
        return "".join(
            _spoken(piece, slots) if isinstance(piece, Slot) else piece
            for piece in split_at_slots(self)
        )

    def argument(self, slots: Mapping[str, object]) -> str | int | float:
        """What it gives a tool: a number where it is one `{slot:number}`, else its text."""
        filled = self.fill(slots)
        match split_at_slots(self):
            case (Slot(number=True),):
                return _number(filled)
            case _:
                return filled


def _spoken(slot: Slot, slots: Mapping[str, object]) -> str:
    value = slots.get(slot.name, slot.name.replace("_", " "))
    if is_list(value):
        return ", ".join(_said(item) for item in value)
    return _said(value)


def _said(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)


def _number(text: str) -> str | int | float:
    if _FIGURES.fullmatch(text) is None:
        return text
    return float(text) if "." in text else int(text)
