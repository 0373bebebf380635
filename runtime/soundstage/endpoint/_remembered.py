"""A language model that is not asked the same twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

from soundstage.realtime import Reply

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soundstage.cache import Cache
    from soundstage.endpoint._mind import Mind
    from soundstage.realtime import Compose

_KIND: Final = "chat"


class _Kept(Struct, frozen=True):
    words: str
    reply: Reply


class RememberedMind:
    """Answers from the cache, and asks where the answer is not in it.

    Args:
        mind: who is asked.
        cache: where answers are.
    """

    def __init__(self, mind: Mind, cache: Cache) -> None:
        self._mind = mind
        self._cache = cache

    def key(self, request: Compose) -> bytes:
        """That of the mind itself."""
        return self._mind.key(request)

    def answer(self, request: Compose) -> Iterator[str | Reply]:
        """The answer that was given before, or a new one, which is kept once it is whole."""
        key = self.key(request)
        kept = self._read(key)
        if kept is not None:
            yield kept.words
            yield kept.reply
            return
        words = ""
        for piece in self._mind.answer(request):
            if isinstance(piece, Reply):
                self._cache.put(_KIND, key, msgspec.json.encode(_Kept(words, piece)))
            else:
                words += piece
            yield piece

    def _read(self, key: bytes) -> _Kept | None:
        value = self._cache.get(_KIND, key)
        try:
            return None if value is None else msgspec.json.decode(value, type=_Kept)
        except msgspec.MsgspecError:
            return None
