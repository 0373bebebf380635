"""Voices and words from the cache, and from an engine where they are not in it."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec import Struct

from soundstage.speech._protocols import Recognition, SpeechPart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soundstage.cache import Cache
    from soundstage.speech._announced import Announced
    from soundstage.speech._protocols import Recognizer, Synthesizer

T = TypeVar("T")


class _Said(Struct, frozen=True):
    """As much of an utterance as somebody has asked for."""

    parts: tuple[SpeechPart, ...]
    whole: bool


class CachedSynthesizer:
    """A synthesiser that says nothing twice.

    Args:
        announced: the synthesiser.
        cache: where its utterances are.
    """

    def __init__(self, announced: Announced[Synthesizer], cache: Cache) -> None:
        self._announced = announced
        self._cache = cache
        self.name = announced.name
        self.version = announced.identity.version
        self.fingerprint = announced.identity.fingerprint
        self.voices = announced.identity.voices

    def synthesize(self, text: str, voice: str, speed: float = 1.0) -> Iterator[SpeechPart]:
        """Say a text; see `Synthesizer`. A part that is in the cache is not computed."""
        key = self._announced.key(text, voice, repr(speed))
        kept = _read(self._cache, "speech", key, _Said) or _Said((), whole=False)
        if not kept.parts and not kept.whole:
            # At once and not with the first part: an unknown voice is to be refused here.
            fresh = self._announced.engine.synthesize(text, voice, speed)
            return self._keep(key, (), fresh)
        return self._resume(key, kept, text, voice, speed)

    def knows(self, text: str, voice: str) -> bool:
        """Whether any of a text has been said before, at the usual speed."""
        return self._cache.get("speech", self._announced.key(text, voice, repr(1.0))) is not None

    def _resume(
        self, key: bytes, kept: _Said, text: str, voice: str, speed: float
    ) -> Iterator[SpeechPart]:
        yield from kept.parts
        if not kept.whole:
            fresh = self._announced.engine.synthesize(text, voice, speed)
            yield from self._keep(key, kept.parts, islice(fresh, len(kept.parts), None))

    def _keep(
        self, key: bytes, parts: tuple[SpeechPart, ...], fresh: Iterator[SpeechPart]
    ) -> Iterator[SpeechPart]:
        for part in fresh:
            parts = (*parts, part)
            _write(self._cache, "speech", key, _Said(parts, whole=False))
            yield part
        _write(self._cache, "speech", key, _Said(parts, whole=True))


class CachedRecognizer:
    """A recogniser that listens to nothing twice.

    Args:
        announced: the recogniser.
        cache: where its recognitions are.
    """

    def __init__(self, announced: Announced[Recognizer], cache: Cache) -> None:
        self._announced = announced
        self._cache = cache
        self.name = announced.name
        self.version = announced.identity.version
        self.fingerprint = announced.identity.fingerprint

    def recognize(self, pcm: bytes) -> Recognition:
        """Find the words; see `Recognizer`."""
        key = self._announced.key(pcm)
        kept = _read(self._cache, "words", key, Recognition)
        if kept is None:
            kept = self._announced.engine.recognize(pcm)
            _write(self._cache, "words", key, kept)
        return kept


def _read(cache: Cache, kind: str, key: bytes, of: type[T]) -> T | None:
    content = cache.get(kind, key)
    if content is None:
        return None
    try:
        return msgspec.msgpack.decode(content, type=of)
    except msgspec.MsgspecError:  # written by another version of this program
        return None


def _write(cache: Cache, kind: str, key: bytes, value: Struct) -> None:
    cache.put(kind, key, msgspec.msgpack.encode(value))
