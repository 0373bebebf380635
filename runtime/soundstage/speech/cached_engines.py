"""Voices and words from the cache, and from an engine where they are not in it.

A run on the virtual clock has its cache filled ahead, on another core.
"""

from __future__ import annotations

import logging
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec import Struct

from soundstage.speech.protocols import Recognition, SpeechPart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soundstage.cache import Cache
    from soundstage.speech.identities import IdentifiedEngine
    from soundstage.speech.protocols import Recognizer, Synthesizer

T = TypeVar("T")

_log = logging.getLogger("soundstage.speech")


class _KeptUtterance(Struct, frozen=True):
    """As much of an utterance as has been asked for."""

    parts: tuple[SpeechPart, ...]
    whole: bool


class CachedSynthesizer:
    """A synthesiser that computes no utterance twice.

    Args:
        identified: the synthesiser.
        cache: where its utterances are.
    """

    def __init__(self, identified: IdentifiedEngine[Synthesizer], cache: Cache) -> None:
        self._identified = identified
        self._cache = cache
        self.name = identified.name
        self.version = identified.identity.version
        self.fingerprint = identified.identity.fingerprint
        self.voices = identified.identity.voices

    def synthesize(self, text: str, voice: str, speed: float = 1.0) -> Iterator[SpeechPart]:
        """Say a text; see `Synthesizer`. A part that is in the cache is not computed."""
        key = self._identified.key(text, voice, repr(speed))
        kept = _read(self._cache, "speech", key, _KeptUtterance) or _KeptUtterance((), whole=False)
        if not kept.parts and not kept.whole:
            # Now and not with the first part: an unknown voice is refused here.
            fresh = self._identified.engine.synthesize(text, voice, speed)
            return self._keep(key, (), fresh)
        return self._resume(key, kept, text, voice, speed)

    def knows(self, text: str, voice: str) -> bool:
        """Whether any of a text has been said before, at the usual speed."""
        return self._cache.get("speech", self._identified.key(text, voice, repr(1.0))) is not None

    def _resume(
        self, key: bytes, kept: _KeptUtterance, text: str, voice: str, speed: float
    ) -> Iterator[SpeechPart]:
        yield from kept.parts
        if not kept.whole:
            fresh = self._identified.engine.synthesize(text, voice, speed)
            yield from self._keep(key, kept.parts, islice(fresh, len(kept.parts), None))

    def _keep(
        self, key: bytes, parts: tuple[SpeechPart, ...], fresh: Iterator[SpeechPart]
    ) -> Iterator[SpeechPart]:
        for part in fresh:
            parts = (*parts, part)
            _write(self._cache, "speech", key, _KeptUtterance(parts, whole=False))
            yield part
        _write(self._cache, "speech", key, _KeptUtterance(parts, whole=True))


class CachedRecognizer:
    """A recogniser that computes no recognition twice.

    Args:
        identified: the recogniser.
        cache: where its recognitions are.
    """

    def __init__(self, identified: IdentifiedEngine[Recognizer], cache: Cache) -> None:
        self._identified = identified
        self._cache = cache
        self.name = identified.name
        self.version = identified.identity.version
        self.fingerprint = identified.identity.fingerprint

    def recognize(self, pcm: bytes) -> Recognition:
        """Find the words; see `Recognizer`."""
        key = self._identified.key(pcm)
        kept = _read(self._cache, "words", key, Recognition)
        if kept is None:
            kept = self._identified.engine.recognize(pcm)
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
