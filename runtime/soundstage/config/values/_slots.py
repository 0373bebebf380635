"""Slots: `{city}` takes words, `{price:number}` a number."""

from __future__ import annotations

import re
from dataclasses import dataclass

_BRACES = re.compile(r"\{([^{}]*)\}")
_SLOT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::([A-Za-z]*))?")
_TYPES = ("number",)


@dataclass(frozen=True)
class Slot:
    """A named place in a phrase or a template.

    Attributes:
        name: what is found or put there.
        number: whether it is a number.
    """

    name: str
    number: bool = False


def split_at_slots(text: str) -> tuple[str | Slot, ...]:
    """The pieces of a text: what is between the slots, and the slots, in order.

    Raises:
        ValueError: a brace stands alone, or what is in the braces is no slot.
    """
    pieces: list[str | Slot] = []
    end = 0
    for match in _BRACES.finditer(text):
        pieces += [_plain(text, end, match.start()), _slot(match[1])]
        end = match.end()
    pieces.append(_plain(text, end, len(text)))
    return tuple(piece for piece in pieces if piece != "")


def _plain(text: str, start: int, end: int) -> str:
    piece = text[start:end]
    if "{" in piece or "}" in piece:
        raise ValueError(f'"{text}": a brace stands alone; a slot is written as "{{name}}"')
    return piece


def _slot(text: str) -> Slot:
    match = _SLOT.fullmatch(text)
    if match is None:
        raise ValueError(f'"{{{text}}}" is no slot: write "{{name}}" or "{{name:number}}"')
    if match[2] is not None and match[2] not in _TYPES:
        raise ValueError(f'"{{{text}}}": a slot takes words, or with ":number" a number')
    return Slot(match[1], number=match[2] is not None)
