"""Which words of a sentence were replaced by which others."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Final

MOST: Final = 8
"""Words that may have been replaced; beyond it, two texts are two sentences."""


def word_changes(mine: str, theirs: str) -> tuple[tuple[str, str], ...]:
    """The words of one text that another has not, each with what stands in their place.

    Two replies that differ in the same words, in sentences that have different names or numbers in
    them, differ by the same change.

    Returns:
        Pairs of words; all of both texts as one pair where they have little in common.
    """
    before, after = mine.split(), theirs.split()
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    changes = [
        (" ".join(before[start:end]), " ".join(after[other:stop]))
        for how, start, end, other, stop in matcher.get_opcodes()
        if how != "equal"
    ]
    changed = sum(len(f"{old} {new}".split()) for old, new in changes)
    if changed > MOST or 2 * changed > len(before) + len(after):
        return ((mine, theirs),)
    return tuple(changes)
