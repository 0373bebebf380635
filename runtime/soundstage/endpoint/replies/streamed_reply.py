"""An answer that a language model is still writing, handed on a piece at a time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Protocol

from msgspec import Struct, structs

from soundstage.realtime import Reply
from soundstage.units import Samples, samples_of_seconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.endpoint.replies.language_model import LanguageModel
    from soundstage.realtime import Compose

_BOUNDARY: Final = re.compile("[.!?\u2026][\"'\u201d\u2019)\\]]*(?=\\s+\\S)|\n(?=\\s*\\S)")
_ABBREVIATION: Final = re.compile(r"(?:^|[\s(])(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|St|No|vs|e\.g|i\.e)\.$")
_LONGEST_ABBREVIATION: Final = 8
"""Characters of the longest of them, with what stands before it."""

LONGEST_SENTENCE: Final = 1000
"""Characters after which a sentence is cut between two words: it takes a minute to say, and one
without an end would be searched again from its beginning with each word that comes."""

_SPACE: Final = re.compile(r"\s(?=\S*$)")


class WrittenReply(Struct, frozen=True):
    """An answer that has been written, with the times at which its pieces came.

    Attributes:
        pieces: each piece, and how long after the request it was there.
        reply: what ends the answer, with the text that is in no piece.
        took: how long the whole answer took.
    """

    pieces: tuple[tuple[str, Samples], ...]
    reply: Reply
    took: Samples


class PendingReply(Protocol):
    """An answer that is still to be written."""

    def write(self, take: Callable[[str], None]) -> Reply:
        """Have it written, and taken as it comes; see `StreamedReply`."""
        ...

    def written(self) -> WrittenReply:
        """Have the whole of it written, for a clock that stands still meanwhile."""
        ...


class StreamedReply:
    """One answer of a language model, in sentences where it is to be spoken.

    Args:
        model: writes the answer.
        request: what is to be answered.
    """

    def __init__(self, model: LanguageModel, request: Compose) -> None:
        self._model = model
        self._request = request

    def write(self, take: Callable[[str], None]) -> Reply:
        """Have the answer written; it waits for the model, so it is called in a job.

        Args:
            take: gets each sentence once the next one has begun. It raises where the answer is
                not wanted any more, which stops the model at its next word.

        Returns:
            What ends the answer, with the text that `take` was not given.

        Raises:
            LanguageModelFailed: the answer broke off.
        """
        return self._write(lambda piece, _: take(piece)).reply

    def written(self) -> WrittenReply:
        """Have the whole answer written, for a clock that stands still meanwhile.

        Raises:
            LanguageModelFailed: the answer broke off.
        """
        pieces: list[tuple[str, Samples]] = []
        whole = self._write(lambda piece, at: pieces.append((piece, at)))
        return structs.replace(whole, pieces=tuple(pieces))

    def _write(self, take: Callable[[str, Samples], None]) -> WrittenReply:
        chunker = SentenceChunker(whole=self._request.spoken)
        took: Samples = 0

        def write(words: str, seconds: float) -> None:
            nonlocal took
            took = samples_of_seconds(seconds)
            ready = chunker.push(words)
            while ready:
                take(ready, took)
                ready = chunker.push("")

        reply = self._model.answer(self._request, write)
        return WrittenReply((), structs.replace(reply, text=chunker.rest() or None), took)


class SentenceChunker:
    """Cuts a growing text where a sentence ends, or, in a text to be read, between two words.

    A sentence is handed on once the next one has begun, so the sizes of the pieces that came do
    not change where it is cut. One that is longer than `LONGEST_SENTENCE` is cut before its end.

    Args:
        whole: whether whole sentences are wanted.
    """

    def __init__(self, *, whole: bool) -> None:
        self._whole = whole
        self._text = ""

    def push(self, text: str) -> str:
        """Add to the text; what can be handed on, the space before it included."""
        self._text += text
        end = self._sentence_end() if self._whole else self._word_end()
        ready, self._text = self._text[:end], self._text[end:]
        return ready

    def rest(self) -> str:
        """What was not handed on."""
        rest, self._text = self._text, ""
        return rest

    def _word_end(self) -> int:
        space = _SPACE.search(self._text)
        return space.start() if space else 0

    def _sentence_end(self) -> int:
        for found in _BOUNDARY.finditer(self._text, 0, LONGEST_SENTENCE):
            end = found.end()
            if not _ABBREVIATION.search(self._text, max(0, end - _LONGEST_ABBREVIATION), end):
                return end
        if len(self._text) < LONGEST_SENTENCE:
            return 0
        space = _SPACE.search(self._text, 1, LONGEST_SENTENCE)
        return space.start() if space else LONGEST_SENTENCE
