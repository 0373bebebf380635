"""Templates: sentences with slots to be filled; `{city}` takes words, `{price:number}` a number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from soundstage.config.values.table import is_list
from soundstage.config.values.written_value import Written
from soundstage.spoken_form import SLOT_TYPES, SlotType

if TYPE_CHECKING:
    from collections.abc import Mapping

_BRACES = re.compile(r"\{([^{}]*)\}")
_SLOT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::([A-Za-z]*))?")
_FIGURES = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


@dataclass(frozen=True)
class Slot:
    """A named place in a phrase or a template.

    Attributes:
        name: what is found or put there.
        type: what kind of value it takes; None for any words.
    """

    name: str
    type: SlotType | None = None


def split_at_slots(text: str) -> tuple[str | Slot, ...]:
    """The pieces of a text: what is between the slots, and the slots, in order.

    Raises:
        ValueError: a brace stands alone, or what is in the braces is no slot.
    """
    pieces: list[str | Slot] = []
    end = 0
    for match in _BRACES.finditer(text):
        pieces += [_without_braces(text, end, match.start()), _slot(match[1])]
        end = match.end()
    pieces.append(_without_braces(text, end, len(text)))
    return tuple(piece for piece in pieces if piece != "")


def _without_braces(text: str, start: int, end: int) -> str:
    piece = text[start:end]
    if "{" in piece or "}" in piece:
        raise ValueError(f'"{text}": a brace stands alone; a slot is written as "{{name}}"')
    return piece


def _slot(text: str) -> Slot:
    match = _SLOT.fullmatch(text)
    if match is None:
        raise ValueError(f'"{{{text}}}" is no slot: write "{{name}}" or "{{name:number}}"')
    if match[2] is None:
        return Slot(match[1])
    for kind in SLOT_TYPES:
        if match[2] == str(kind):
            return Slot(match[1], kind)
    known = ", ".join(f'":{name}"' for name in SLOT_TYPES)
    raise ValueError(f'"{{{text}}}": a slot takes words, or a value by its type: {known}')


def slots_in(text: str) -> tuple[str, ...]:
    """The names of what looks like slots in a text that is no template, in order."""
    matches = (_SLOT.fullmatch(match[1]) for match in _BRACES.finditer(text))
    return tuple(match[1] for match in matches if match is not None)


class Template(Written, str):
    """A text with slots: `"{temperature} degrees"`.

    Raises:
        ValueError: a brace stands alone, or what is in the braces is no slot.
    """

    PATTERN: ClassVar[str] = (
        r"^([^{}]|\{[A-Za-z_][A-Za-z0-9_]*(:(number|money|time|date|email|spelled))?\})*$"
    )
    ADVICE: ClassVar[str] = 'a template is text with slots, as "{temperature} degrees"'

    __slots__ = ()

    def __init__(self, value: str) -> None:
        super().__init__(value)
        split_at_slots(value)

    @property
    def slots(self) -> tuple[str, ...]:
        """The names that it needs, in order."""
        return tuple(piece.name for piece in split_at_slots(self) if isinstance(piece, Slot))

    def unbound(self, slots: Mapping[str, object]) -> tuple[str, ...]:
        """The names that it needs and does not get."""
        return tuple(name for name in self.slots if name not in slots)

    def fill(self, slots: Mapping[str, object]) -> str:
        """The text with its slots filled; one that is not bound leaves its name, readable."""
        return "".join(
            _spoken(piece, slots) if isinstance(piece, Slot) else piece
            for piece in split_at_slots(self)
        )

    def argument(self, slots: Mapping[str, object]) -> str | int | float:
        """What it gives a tool: a number where it is one `{slot:number}` or `:money`, else text."""
        filled = self.fill(slots)
        match split_at_slots(self):
            case (Slot(type="number" | "money"),):
                return _number(filled.lstrip("$€£"))
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
