"""What somebody probably meant."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

_SHOWN = 12


def nearest(word: str, known: Collection[str]) -> str | None:
    """The known word most like this one, or None where nothing is."""
    lowered = {name.lower(): name for name in sorted(known, reverse=True)}
    close = difflib.get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    return lowered[close[0]] if close else None


def suggestion(word: str, known: Collection[str], *, none: str = "there is none") -> str:
    """A clause that names the nearest known word, or lists them all."""
    near = nearest(word, known)
    if near is not None:
        return f'did you mean "{near}"?'
    if not known:
        return none
    names = sorted(known)
    more = ", …" if len(names) > _SHOWN else ""
    return "known: " + ", ".join(names[:_SHOWN]) + more
