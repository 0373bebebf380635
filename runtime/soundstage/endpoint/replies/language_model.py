"""A language model as the endpoint sees it, and one whose answers are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import msgspec
from msgspec import Struct

from soundstage.json_text import NotJson, read_json_as
from soundstage.realtime import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.cache import Cache
    from soundstage.realtime import Compose

_KIND: Final = "chat"


class LanguageModel(Protocol):
    """Answers each request. It may be used from several threads at once."""

    def key(self, request: Compose) -> bytes:
        """All that an answer depends on; requests with the same key may get the same answer."""
        ...

    def answer(self, request: Compose, write: Callable[[str], None]) -> Reply:
        """Write an answer. It takes its time, so it is called in a job.

        Args:
            request: what is to be answered.
            write: gets the words as they come. It raises where the answer is not wanted any
                more; that ends the answer, and is passed on.

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

    def answer(self, request: Compose, write: Callable[[str], None]) -> Reply:
        """The answer that was given before, or a new one, which is kept once it is whole."""
        key = self.key(request)
        kept = self._read(key)
        if kept is not None:
            write(kept.words)
            return kept.reply
        words: list[str] = []

        def write_and_keep(piece: str) -> None:
            words.append(piece)
            write(piece)

        reply = self._model.answer(request, write_and_keep)
        # Only a whole answer is kept: one that broke off would break off for ever.
        self._cache.put(_KIND, key, msgspec.json.encode(_Kept("".join(words), reply)))
        return reply

    def _read(self, key: bytes) -> _Kept | None:
        value = self._cache.get(_KIND, key)
        try:
            return None if value is None else read_json_as(value, _Kept)
        except NotJson:
            return None


class _Kept(Struct, frozen=True):
    words: str
    reply: Reply
