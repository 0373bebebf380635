"""Whom somebody has turned to, by name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from soundstage.config.values import normalize

if TYPE_CHECKING:
    from collections.abc import Sequence

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_CLAUSE_END = re.compile(r"[,;:\N{EM DASH}\N{EN DASH}]")
_NAME_PARTS = re.compile(r"[_-]+")


def named(text: str, names: Sequence[str]) -> str | None:
    """Who of these is addressed in a text: the last sentence with a name in it decides.

    There, a name that stands by itself between commas is addressed ("Ben, do you agree with
    Ada?"), else the last that is mentioned.
    """
    spoken = {name: tuple(normalize(_NAME_PARTS.sub(" ", name))) for name in names}
    for sentence in reversed(_SENTENCE_END.split(text)):
        clauses = [tuple(normalize(clause)) for clause in _CLAUSE_END.split(sentence)]
        for clause in clauses:
            alone = [name for name, words in spoken.items() if words == clause]
            if alone:
                return alone[0]
        words = tuple(word for clause in clauses for word in clause)
        mentioned = [(_last_place(parts, words), name) for name, parts in spoken.items()]
        place, name = max(mentioned, default=(-1, ""))
        if place >= 0:
            return name
    return None


def _last_place(parts: tuple[str, ...], words: tuple[str, ...]) -> int:
    """Where the words of a name stand for the last time, or -1."""
    places = range(len(words) - len(parts), -1, -1)
    return next((at for at in places if words[at : at + len(parts)] == parts), -1)
