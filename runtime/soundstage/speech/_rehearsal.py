"""Speech made ahead of a simulated run, on another core."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Self

from soundstage.errors import RunInvalid
from soundstage.speech._cached import CachedSynthesizer
from soundstage.speech._names import voice_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from soundstage.speech._engines import Engines

_log = logging.getLogger("soundstage.speech")


class Rehearsal:
    """Loads the engines and says what is known beforehand, while a cold run waits for words.

    A run on the virtual clock works on one core. The first time that it is played another one
    fills the cache for it: what it finds there it would have made itself, byte for byte. When the
    first text has been said before, nothing is done.

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
        """Begin, if there is anything to rehearse."""
        if self._is_new():
            self._begin()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Say no more; what is being said is finished, which takes a moment."""
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
        for work in (self._say_all, self._engines.load_ears):
            thread = threading.Thread(target=self._attempt, args=(work,), name="rehearsal")
            self._threads.append(thread)
            thread.start()

    def _attempt(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (RunInvalid, ValueError) as error:
            # The run itself will come upon it, and say so where it belongs.
            _log.debug("the rehearsal was broken off: %s", error)

    def _say_all(self) -> None:
        synthesizer = self._engines.synthesizer
        for text, voice in self._texts:
            parts = synthesizer.synthesize(text, voice_for(voice, synthesizer.voices)[0])
            for _ in parts:
                if self._over.is_set():
                    return
