"""A language model as the endpoint sees it, and one whose answers are kept with their times."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

import msgspec
from msgspec import Struct

from soundstage.json_text import NotJson, read_json_as
from soundstage.realtime import Reply

if TYPE_CHECKING:
    from soundstage.cache import Cache
    from soundstage.realtime import Compose

_KIND: Final = "chat"

Write: TypeAlias = Callable[[str, float], None]
"""Gets the next words of an answer, and how many seconds after the request they came."""


class LanguageModel(Protocol):
    """Answers each request. It may be used from several threads at once."""

    def key(self, request: Compose) -> bytes:
        """All that an answer depends on; requests with the same key may get the same answer."""
        ...

    def answer(self, request: Compose, write: Write) -> Reply:
        """Write an answer. It takes its time, so it is called in a job.

        Args:
            request: what is to be answered.
            write: gets the words as they come, and at the end once more, with no words perhaps,
                which says how long the whole answer took. It raises where the answer is not
                wanted any more; that ends the answer, and is passed on.

        Returns:
            What ends the answer: a reply without text.

        Raises:
            LanguageModelFailed: no answer came, or none that can be used.
        """
        ...


class CachedLanguageModel:
    """Answers from the cache, and asks where the answer is not in it.

    Args:
        model: asked for what the cache does not hold.
        cache: holds the answers.
    """

    def __init__(self, model: LanguageModel, cache: Cache) -> None:
        self._model = model
        self._cache = cache

    def key(self, request: Compose) -> bytes:
        """That of the model itself."""
        return self._model.key(request)

    def answer(self, request: Compose, write: Write) -> Reply:
        """The answer that was given before, or a new one, which is kept once it is whole.

        Either comes at the times at which the model gave it, whole milliseconds.
        """
        key = self.key(request)
        kept = self._read(key)
        if kept is not None:
            for words, milliseconds in kept.pieces:
                write(words, milliseconds / 1000)
            return kept.reply
        pieces: list[tuple[str, int]] = []

        def write_and_keep(words: str, seconds: float) -> None:
            milliseconds = round(1000 * seconds)
            pieces.append((words, milliseconds))
            write(words, milliseconds / 1000)

        reply = self._model.answer(request, write_and_keep)
        # Only a whole answer is kept: one that broke off would break off for ever.
        self._cache.put(_KIND, key, msgspec.json.encode(_Kept(pieces, reply)))
        return reply

    def _read(self, key: bytes) -> _Kept | None:
        value = self._cache.get(_KIND, key)
        try:
            return None if value is None else read_json_as(value, _Kept)
        except NotJson:
            return None


class _Kept(Struct, frozen=True):
    pieces: list[tuple[str, int]]
    reply: Reply
