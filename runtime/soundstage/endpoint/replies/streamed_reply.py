"""An answer that a language model is still writing, taken a piece at a time."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Final

from msgspec import structs

from soundstage.endpoint.replies.language_model import LanguageModelFailed
from soundstage.realtime import Reply

if TYPE_CHECKING:
    from soundstage.endpoint.replies.language_model import LanguageModel
    from soundstage.realtime import Compose

_BOUNDARY: Final = re.compile("[.!?\u2026][\"'\u201d\u2019)\\]]*(?=\\s+\\S)|\n(?=\\s*\\S)")
_ABBREVIATION: Final = re.compile(r"(?:^|[\s(])(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|St|No|vs|e\.g|i\.e)\.$")
_SPACE: Final = re.compile(r"\s(?=\S*$)")


class StreamedReply:
    """One answer of a language model, in sentences where it is to be spoken.

    The model writes on the thread that asks for the next piece, which is never the session's own;
    the session may close the reply meanwhile.

    Args:
        model: writes the answer.
        request: what is to be answered.
    """

    def __init__(self, model: LanguageModel, request: Compose) -> None:
        self._words = model.answer(request)
        self._chunker = SentenceChunker(whole=request.spoken)
        self._lock = threading.Lock()
        self._closed = False

    def next_piece(self) -> str | Reply:
        """The next sentence, or the end together with the text that was not given yet.

        It waits for the model, so it runs in an executor.

        Raises:
            LanguageModelFailed: the answer broke off.
        """
        with self._lock:
            ready = self._chunker.push("")
            while not ready:
                words = None if self._closed else next(self._words, None)
                if words is None:
                    raise LanguageModelFailed("the answer broke off")
                if isinstance(words, Reply):
                    return structs.replace(words, text=self._chunker.rest() or None)
                ready = self._chunker.push(words)
            if self._closed:
                self._stop()
            return ready

    def close(self) -> None:
        """The answer is not wanted any more.

        A thread that waits for the model at this moment stops the model when it has its piece:
        a generator cannot be closed while it runs.
        """
        self._closed = True
        if self._lock.acquire(blocking=False):
            try:
                self._stop()
            finally:
                self._lock.release()

    def _stop(self) -> None:
        close = getattr(self._words, "close", None)
        if close is not None:
            close()


class SentenceChunker:
    """Cuts a growing text where a sentence ends, or, in a text to be read, between two words.

    A sentence is handed on once the next one has begun, so the sizes of the pieces that came do
    not change where it is cut.

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
