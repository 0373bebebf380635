"""Which agent is addressed in a text, by its name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from soundstage.spoken_form import line_of, phrase_pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_CLAUSE_END = re.compile(r"[,;:\N{EM DASH}\N{EN DASH}]")
_NAME_PARTS = re.compile(r"[_-]+")


def named(text: str, names: Sequence[str]) -> str | None:
    """The agent that is addressed in a text: the last sentence with a name in it decides.

    There, a name that stands by itself between commas is addressed ("Ben, do you agree with
    Ada?"), else the last that is mentioned.
    """
    patterns = {name: phrase_pattern(_NAME_PARTS.sub(" ", name)) for name in names}
    # A speaker names several members in a turn, and the one to answer last: "Ben said so. Ada?"
    for sentence in reversed(_SENTENCE_END.split(text)):
        for clause in _CLAUSE_END.split(sentence):
            line = line_of(clause)
            alone = [name for name, pattern in patterns.items() if pattern.fullmatch(line)]
            if alone:
                return alone[0]
        line = line_of(_CLAUSE_END.sub(" ", sentence))
        mentioned = [(_last_place(pattern, line), name) for name, pattern in patterns.items()]
        place, name = max(mentioned, default=(-1, ""))
        if place >= 0:
            return name
    return None


def _last_place(pattern: re.Pattern[str], line: str) -> int:
    """Where a name is found for the last time, or -1."""
    return max((found.start() for found in pattern.finditer(line)), default=-1)
