"""The words of an utterance and when each of them is heard."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

    from soundstage.units import Samples

SpokenWord: TypeAlias = "tuple[str, Samples, Samples]"
"""A word as the synthesiser spoke it, its start and its end within the utterance."""

_LOOK_AHEAD: Final = 4
_TOKEN: Final = re.compile(r"\S+")
_NOT_LETTERS: Final = re.compile(r"[\W_]+")


class SpokenText:
    """A text that is being spoken, which can tell how much of it had been heard at a time.

    The synthesiser's words are found again among the words of the text, so that a cut text keeps
    its spelling and punctuation; where it spoke other words than are written (ten for 10), the
    text is cut after the last word that both have in common.

    Attributes:
        text: the whole text.
        duration: samples of audio that have been made of it.
        complete: whether all of it has been made.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.duration: Samples = 0
        self.complete = False
        self._tokens = [(match.group(), match.end()) for match in _TOKEN.finditer(text)]
        self._next = 0
        self._heard: list[tuple[Samples, int]] = []

    def add(self, words: Iterable[SpokenWord], samples: Samples) -> None:
        """Note the next part of the audio: its words, and its length in samples."""
        self.duration += samples
        for word, start, end in words:
            place = self._find(_letters(word))
            if place is not None:
                self._next = place + 1
                middle = (start + end) // 2
                self._heard.append((middle, self._tokens[place][1]))

    def until(self, played: Samples) -> str:
        """The text that was heard when so much had been played.

        A word counts when more than half of it was heard. Without timings of the synthesiser
        the text is cut in proportion.
        """
        if self.complete and played >= self.duration:
            return self.text
        if self._heard:
            return self.text[: max((end for at, end in self._heard if at < played), default=0)]
        count = len(self._tokens) * played // self.duration if self.duration else 0
        return self.text[: self._tokens[count - 1][1]] if count else ""

    def _find(self, letters: str) -> int | None:
        for place in range(self._next, min(self._next + _LOOK_AHEAD, len(self._tokens))):
            if letters and letters == _letters(self._tokens[place][0]):
                return place
        return None


def _letters(word: str) -> str:
    return _NOT_LETTERS.sub("", word).casefold()
