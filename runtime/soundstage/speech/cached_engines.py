"""Voices and words from the cache, and from an engine where they are not in it.

A run on the virtual clock has its cache filled ahead, on another core.
"""

from __future__ import annotations

import logging
import threading
from itertools import islice
from typing import TYPE_CHECKING, Self, TypeVar

import msgspec
from msgspec import Struct

from soundstage.errors import InfrastructureError
from soundstage.speech.protocols import Recognition, SpeechPart
from soundstage.speech.tts_voices import voice_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import TracebackType

    from soundstage.cache import Cache
    from soundstage.speech.engines import Engines
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


class CacheWarmup:
    """Fills the cache for a run on the virtual clock, on another core.

    A simulated run works on one core. The first time that it is played, two threads load the
    engines and synthesise the texts that are known beforehand. The run finds in the cache what it
    would have made itself, byte for byte. If the first text is in the cache, nothing is done.

    Args:
        engines: of the run, with a cache.
        texts: text and voice, in the order in which they may be said.
    """

    def __init__(self, engines: Engines, texts: Sequence[tuple[str, str]]) -> None:
        self._engines = engines
        self._texts = texts
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        """Begin, if there is anything to prepare."""
        if self._is_new():
            self._begin()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Begin no further part; the part that is being made is finished, which takes a moment."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _is_new(self) -> bool:
        if not self._texts or self._engines.cache is None:
            return False
        synthesizer = self._engines.synthesizer
        text, voice = self._texts[0]
        return isinstance(synthesizer, CachedSynthesizer) and not synthesizer.knows(
            text, voice_for(voice, synthesizer.voices)[0]
        )

    def _begin(self) -> None:
        for work in (self._say_all, self._engines.load_listening_engines):
            thread = threading.Thread(target=self._attempt, args=(work,), name="cache-warmup")
            self._threads.append(thread)
            thread.start()

    def _attempt(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (InfrastructureError, ValueError) as error:
            # The run itself will meet the same error, and report it in the right place.
            _log.debug("the cache warm-up was broken off: %s", error)

    def _say_all(self) -> None:
        synthesizer = self._engines.synthesizer
        for text, voice in self._texts:
            parts = synthesizer.synthesize(text, voice_for(voice, synthesizer.voices)[0])
            for _ in parts:
                if self._over.is_set():
                    return


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
