"""Speech made ahead of a run on the virtual clock, on another core."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Self

from soundstage.kernel import JobKind, ThreadExecutor
from soundstage.speech import voice_for
from soundstage.units import samples_of_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from soundstage.speech import Engines

_log = logging.getLogger("soundstage.speech")

ENDS_WITHIN = samples_of_seconds(5)
"""The part that is being made is finished, which takes a moment; the loading of a model, longer."""


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
        self._over = False
        self._executor: ThreadExecutor | None = None

    def __enter__(self) -> Self:
        """Begin, if there is anything to prepare."""
        if self._texts and self._engines.cache is not None:
            text, voice = self._texts[0]
            if not self._engines.is_cached(text, voice):
                self._executor = ThreadExecutor()
                self._begin(self._executor, JobKind.SYNTHESISE, self._say_all)
                # Not as recognition: its thread is a slow one, and the model would start others.
                self._begin(self._executor, JobKind.IO, self._engines.load_listening_engines)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Begin no further part, and wait for the one that is being made."""
        self._over = True
        if self._executor is not None:
            self._executor.close(ENDS_WITHIN)

    def _begin(self, executor: ThreadExecutor, kind: JobKind, job: Callable[[], None]) -> None:
        def tell(error: Exception | None) -> None:
            if error is not None:
                # The run itself will meet the same error, and report it in the right place.
                _log.debug("the cache warm-up was broken off: %s", error)

        result: Callable[[Any], Exception | None] = _nothing
        executor.submit(
            kind, job, owner="the cache", tell=tell, result=result, error=lambda error: error
        )

    def _say_all(self) -> None:
        synthesizer = self._engines.synthesizer
        for text, voice in self._texts:
            parts = synthesizer.synthesize(text, voice_for(voice, synthesizer.voices)[0])
            for _ in parts:
                if self._over:
                    return


def _nothing(_: None) -> None:
    """All went well."""
