"""A language model as the endpoint sees it, and one whose answers are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import msgspec
from msgspec import Struct

from soundstage.json_text import NotJson, read_json_as
from soundstage.realtime import Reply

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soundstage.cache import Cache
    from soundstage.realtime import Compose

_KIND: Final = "chat"


class LanguageModelFailed(Exception):
    """No answer came, or none that can be used; the response fails.

    Args:
        message: for the client; it holds no secret.
        code: what the failure is called in the protocol.
    """

    def __init__(self, message: str, code: str = "server_error") -> None:
        self.code = code
        super().__init__(message)


class LanguageModel(Protocol):
    """Answers each request. It may be used from several threads at once."""

    def key(self, request: Compose) -> bytes:
        """All that an answer depends on; requests with the same key may get the same answer."""
        ...

    def answer(self, request: Compose) -> Iterator[str | Reply]:
        """The words of an answer as they come, then a `Reply` without text that ends it.

        It runs in an executor, and is closed where the answer is not wanted any more.

        Raises:
            LanguageModelFailed: while it is iterated over.
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

    def answer(self, request: Compose) -> Iterator[str | Reply]:
        """The answer that was given before, or a new one, which is kept once it is whole."""
        key = self.key(request)
        kept = self._read(key)
        if kept is not None:
            yield kept.words
            yield kept.reply
            return
        words = ""
        for piece in self._model.answer(request):
            if isinstance(piece, Reply):
                # Only a whole answer is kept: one that broke off would break off for ever.
                self._cache.put(_KIND, key, msgspec.json.encode(_Kept(words, piece)))
            else:
                words += piece
            yield piece

    def _read(self, key: bytes) -> _Kept | None:
        value = self._cache.get(_KIND, key)
        try:
            return None if value is None else read_json_as(value, _Kept)
        except NotJson:
            return None


class _Kept(Struct, frozen=True):
    words: str
    reply: Reply
