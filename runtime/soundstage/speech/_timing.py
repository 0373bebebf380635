"""When each written word is said, from when each spoken one is."""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soundstage.speech._reading import Reading

Span: TypeAlias = tuple[float, float]
"""Where something begins and ends."""


def spans_of_words(
    written: Sequence[str], reading: Reading, lengths: Sequence[float]
) -> list[Span]:
    """Where each written word begins and ends.

    Written and spoken words are the same but where figures and signs are read out: `$5` is two
    spoken words. There the written ones share the time of the spoken ones by their letters.

    Args:
        written: the words as they were written.
        reading: what the model read.
        lengths: how long each symbol of the reading lasts, in any unit.
    """
    starts = [0.0, *accumulate(lengths)]
    spoken = [(starts[word.first], starts[word.last]) for word in reading.words]
    texts = [word.text for word in reading.words]
    spans: list[Span] = []
    matcher = SequenceMatcher(a=list(written), b=texts, autojunk=False)
    for _, first, last, spoken_first, spoken_last in matcher.get_opcodes():
        block = spoken[spoken_first:spoken_last]
        words = written[first:last]
        if len(block) == len(words):
            spans += block
        elif words:
            before = spans[-1][1] if spans else spoken[0][0] if spoken else 0.0
            spans += _shared((block[0][0], block[-1][1]) if block else (before, before), words)
    return spans


def _shared(span: Span, words: Sequence[str]) -> list[Span]:
    """One span divided among words in proportion to their letters."""
    start, end = span
    letters = list(accumulate(len(word) for word in words))
    borders = [start, *(start + (end - start) * upto / letters[-1] for upto in letters)]
    return list(pairwise(borders))
