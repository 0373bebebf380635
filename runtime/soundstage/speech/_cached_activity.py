"""Voice activity from the cache, and from an engine where it is not in it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from soundstage.speech._judgements import DIGEST, Judgement, Pages
from soundstage.speech._quiet import is_quiet

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.cache import Cache
    from soundstage.speech._announced import Announced
    from soundstage.speech._judgements import Page
    from soundstage.speech._protocols import VoiceActivity, VoiceActivityEngine
    from soundstage.units import Samples

PAGE: Final = 256
"""Frames of a stream, about 5 s, whose judgements are read and written together."""

MOST_HELD: Final = 15_000
"""Frames, 5 minutes, that a stream can be caught up with; then the engine listens for itself."""


class CachedVoiceActivity:
    """A voice activity engine that judges nothing twice; its streams belong to one thread.

    Args:
        announced: the engine.
        cache: where its judgements are.
    """

    def __init__(self, announced: Announced[VoiceActivityEngine], cache: Cache) -> None:
        self._announced = announced
        self._pages = Pages(cache, announced.key())
        self.name = announced.name
        self.version = announced.identity.version
        self.fingerprint = announced.identity.fingerprint

    def open(self) -> CachedStream:
        """A listener that has heard nothing yet."""
        return CachedStream(self._pages, self._listen)

    def keep(self) -> None:
        """Write what is new into the cache: at the end of a run."""
        self._pages.keep()

    def _listen(self) -> VoiceActivity:
        # The engine is loaded with the first frame that the cache does not know.
        return self._announced.engine.open()


class CachedStream:
    """One stream, named by a chained hash of all frames since it was last at its start.

    Where the cache knows no more, the engine is caught up with: it hears those frames too, and
    from then on every further one until it is back at the start.

    Args:
        pages: judgements of all streams.
        listen: opens a stream of the engine.
    """

    def __init__(self, pages: Pages, listen: Callable[[], VoiceActivity]) -> None:
        self._pages = pages
        self._listen = listen
        self._page: Page | None = None
        self._engine: VoiceActivity | None = None
        self._held: list[bytes] = []
        self._lag: Samples = 0
        self._at_start = True
        self._chain = hashlib.sha256()
        self._left = 0

    @property
    def lag(self) -> Samples:
        """How far the judged sound lies behind; see `VoiceActivity`."""
        return self._lag

    @property
    def at_start(self) -> bool:
        """Whether nothing has been heard; see `VoiceActivity`."""
        return self._at_start

    def hear(self, pcm: bytes) -> float:
        """Take the next frame; see `VoiceActivity`."""
        if self._at_start and is_quiet(pcm):
            return 0.0
        self._at_start = False
        chain = self._chain
        chain.update(pcm)
        digest = chain.digest()[:DIGEST]
        page = self._page
        if page is None or not self._left:
            page = self._page = self._pages.page(digest)
            self._left = PAGE
        self._left -= 1
        judgement = page.judged.get(digest) if self._engine is None else None
        if judgement is None or len(self._held) >= MOST_HELD:
            judgement = self._judge(pcm)
            page.add(digest, judgement)
        else:
            self._held.append(pcm)
        probability, self._lag, at_start = judgement
        if at_start:
            self._start_again()
        return probability

    def _start_again(self) -> None:
        self._at_start = True
        self._lag = 0
        self._chain = hashlib.sha256()
        self._page = None
        self._left = 0
        self._held = []
        self._engine = None

    def _judge(self, pcm: bytes) -> Judgement:
        """Ask the engine, which has heard or now hears everything that came before."""
        if self._engine is None:
            self._engine = self._listen()
            for earlier in self._held:
                self._engine.hear(earlier)
            self._held.clear()
        probability = self._engine.hear(pcm)
        return Judgement(probability, self._engine.lag, self._engine.at_start)
