"""The words of an utterance and when each of them is heard."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soundstage.units import Samples

SpokenWord: TypeAlias = "tuple[str, Samples, Samples]"
"""A word as the synthesiser spoke it, its start and its end within the utterance."""

# A synthesiser spells out what is written short; further ahead, equal words are other words.
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
        self._tokens = _tokens(text)
        self._next = 0
        self._heard: list[tuple[Samples, int]] = []

    def extend(self, text: str) -> None:
        """More is to be spoken; `text` begins with the space before it."""
        self.text += text
        # From the last word on, which may go on in what has come: a text without end comes in
        # thousands of pieces, and to look at all of it each time would hold up every session.
        start = 0
        if self._tokens:
            word, end = self._tokens.pop()
            start = end - len(word)
        self._tokens += _tokens(self.text, start)

    def add(self, words: Sequence[SpokenWord], samples: Samples, text: str = "") -> None:
        """Note the next part of the audio.

        Args:
            words: its words; where the synthesiser does not time them, those of `text` are taken
                to be spread evenly.
            samples: its length.
            text: what it speaks.
        """
        for word, start, end in words or self._spread(len(_TOKEN.findall(text)), samples):
            place = self._find(_letters(word))
            if place is not None:
                self._next = place + 1
                # Its middle: a listener who heard most of a word has understood it.
                self._heard.append(((start + end) // 2, self._tokens[place][1]))
        self.duration += samples

    def until(self, played: Samples) -> str:
        """The text that was heard when so much had been played.

        A word counts when more than half of it was heard.
        """
        # Before that, more may be on its way, and nothing of the rest has been heard.
        if self.complete and played >= self.duration:
            return self.text
        return self.text[: max((end for at, end in self._heard if at < played), default=0)]

    def _spread(self, count: int, samples: Samples) -> list[SpokenWord]:
        tokens = self._tokens[self._next : self._next + count]
        bounds = [self.duration + samples * at // (count or 1) for at in range(count + 1)]
        return [
            (token, start, end)
            for (token, _), start, end in zip(tokens, bounds, bounds[1:], strict=False)
        ]

    def _find(self, letters: str) -> int | None:
        for place in range(self._next, min(self._next + _LOOK_AHEAD, len(self._tokens))):
            # Letters only: punctuation and capitals are the text's, never the voice's.
            if letters and letters == _letters(self._tokens[place][0]):
                return place
        return None


def _tokens(text: str, start: int = 0) -> list[tuple[str, int]]:
    return [(match.group(), match.end()) for match in _TOKEN.finditer(text, start)]


def _letters(word: str) -> str:
    return _NOT_LETTERS.sub("", word).casefold()
