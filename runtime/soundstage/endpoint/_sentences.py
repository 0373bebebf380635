"""Text that comes in pieces, handed on in sentences."""

from __future__ import annotations

import re
from typing import Final

_BOUNDARY: Final = re.compile("[.!?\u2026][\"'\u201d\u2019)\\]]*(?=\\s+\\S)|\n(?=\\s*\\S)")
_ABBREVIATION: Final = re.compile(r"(?:^|[\s(])(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|St|No|vs|e\.g|i\.e)\.$")
_SPACE: Final = re.compile(r"\s(?=\S*$)")


class Sentences:
    """Cuts a growing text where a sentence ends, or, in a text to be read, between two words.

    A sentence is handed on once the next one has begun, so how the text came changes nothing.

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
        for found in _BOUNDARY.finditer(self._text):
            if not _ABBREVIATION.search(self._text[: found.end()]):
                return found.end()
        return 0
