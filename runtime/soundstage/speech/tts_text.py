"""A text cut into pieces that are said in one go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TEXT_LIMIT: Final = 4_096
"""Characters that are divided into sentences at once: a longer text is read in blocks."""

FIRST_LIMIT: Final = 75
"""Characters of the first piece: four seconds of speech, computed in about 25 ms."""

LATER_LIMIT: Final = 300
"""Characters of every other piece: the voice was trained on sentences no longer than that."""

_LETTERS_A_FIGURE: Final = 5
_LEAST_SHARE: Final = 0.3
_PAUSES: Final = (",", ";", ":", "\u2014", "\u2013")
_CONJUNCTIONS: Final = frozenset(
    {
        *("and", "but", "or", "so", "because", "that", "which", "who", "when", "where"),
        *("while", "if", "although", "than", "then"),
    }
)


class Piece(Struct, frozen=True):
    """Words that are said in one go.

    Attributes:
        words: as they were written.
        opens: whether a sentence begins with it.
        closes: whether a sentence ends with it.
    """

    words: tuple[str, ...]
    opens: bool
    closes: bool


def cut_text(sentences: Sequence[str]) -> Iterator[Piece]:
    """Cut sentences where they are long, the first one earlier, so that speech starts soon.

    Args:
        sentences: each with at least one word.
    """
    limit = FIRST_LIMIT
    for sentence in sentences:
        words = tuple(sentence.split())
        start = 0
        while start < len(words):
            end = start + words_within(words[start:], limit)
            yield Piece(words[start:end], opens=start == 0, closes=end == len(words))
            start, limit = end, LATER_LIMIT


def blocks(text: str) -> Iterator[str]:
    """A text in blocks of at most `TEXT_LIMIT` characters, cut after a sentence or a word."""
    rest = text
    while len(rest) > TEXT_LIMIT:
        head = rest[: TEXT_LIMIT + 1]
        end = max(head.rfind(mark) for mark in (". ", "! ", "? ")) + 1
        end = end or max(head.rfind(" "), 0) or TEXT_LIMIT
        yield rest[:end]
        rest = rest[end:].lstrip()
    yield rest


def words_within(words: Sequence[str], limit: int) -> int:
    """How many of the words to say first so that it takes about `limit` characters.

    All where they fit; else up to the last comma or the like, before the last conjunction, or
    as many as fit, in this order; a piece is not made shorter than a third for that.
    """
    ends: list[int] = []
    for word in words:
        ends.append((ends[-1] + 1 if ends else 0) + _spoken_length(word))
    fitting = sum(end <= limit for end in ends)
    if fitting == len(words):
        return fitting
    candidates = [nth for nth in range(1, fitting + 1) if ends[nth - 1] >= limit * _LEAST_SHARE]
    pauses = [nth for nth in candidates if words[nth - 1].endswith(_PAUSES)]
    conjunctions = [nth for nth in candidates if words[nth].lower() in _CONJUNCTIONS]
    return max(pauses or conjunctions or candidates or [1])


def _spoken_length(word: str) -> int:
    """The letters of a word as it is read out; a figure may become `hundred` or `thousand`."""
    return len(word) + _LETTERS_A_FIGURE * sum(letter.isdigit() for letter in word)
