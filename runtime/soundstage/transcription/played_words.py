"""How much of a text was played: the beginning of it that the recognised words fit best."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from soundstage.spoken_form import normalize

if TYPE_CHECKING:
    from collections.abc import Sequence

_FITS: Final = 0.5
"""Word errors, as a share of the words recognised, up to which they are taken for the text's."""


def played_part(generated: str, recognised: str) -> str:
    """The beginning of a text that was played, in the text's own spelling.

    Args:
        generated: the whole text that was to be said.
        recognised: what was recognised in the sound that was played.

    Returns:
        The recognised words themselves, where they fit no beginning of the text.
    """
    words, heard = generated.split(), normalize(recognised)
    spoken = [normalize(word) for word in words]
    errors = _errors_of_beginnings([each for word in spoken for each in word], heard)
    ends = [0]
    for word in spoken:
        ends.append(ends[-1] + len(word))
    # Of those that fit alike, the shortest: the text claims no word that was not recognised.
    best = min(range(len(ends)), key=lambda count: errors[ends[count]])
    if not heard or errors[ends[best]] > _FITS * len(heard):
        return recognised
    return " ".join(words[:best])


def _errors_of_beginnings(text: Sequence[str], heard: Sequence[str]) -> list[int]:
    """The word errors between what was heard and each beginning of a text, the empty one first."""
    row = list(range(len(text) + 1))
    for number, word in enumerate(heard, 1):
        before, row = row, [number]
        for place, spoken in enumerate(text, 1):
            row.append(
                min(before[place] + 1, row[-1] + 1, before[place - 1] + (spoken != word)),
            )
    return row
