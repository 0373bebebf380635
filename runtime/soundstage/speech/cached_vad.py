"""Voice activity from the cache, and from an engine where it is not in it."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from struct import Struct as Layout
from typing import TYPE_CHECKING, Final, NamedTuple

from soundstage.speech.samples import is_quiet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from soundstage.cache import Cache
    from soundstage.speech.identities import IdentifiedEngine
    from soundstage.speech.protocols import VoiceActivity, VoiceActivityEngine
    from soundstage.units import Samples

PAGE: Final = 256
"""Frames of a stream, about 5 s, whose results are read and written together."""

MOST_HELD: Final = 15_000
"""Frames, 5 minutes, that a stream keeps for the engine; after them the engine hears each one."""

DIGEST: Final = 16
"""Bytes of a hash that tells a stream so far from all others."""

_PAGES: Final = 256
"""How many are in memory; a page is some 5 s of speech."""

_MOST: Final = 4096
"""Results in one page: several streams may begin alike."""

_LAYOUT: Final = Layout(f"<{DIGEST}sdi?")


class CachedVoiceActivity:
    """A voice activity engine that computes no result twice; its streams belong to one thread.

    Args:
        identified: the engine.
        cache: where its results are.
    """

    def __init__(self, identified: IdentifiedEngine[VoiceActivityEngine], cache: Cache) -> None:
        self._identified = identified
        self._pages = ResultPages(cache, identified.key())
        self.name = identified.name
        self.version = identified.identity.version
        self.fingerprint = identified.identity.fingerprint

    def open(self) -> CachedStream:
        """A detector that has heard nothing yet."""
        return CachedStream(self._pages, self._listen)

    def keep(self) -> None:
        """Write what is new into the cache: at the end of a run."""
        self._pages.keep()

    def _listen(self) -> VoiceActivity:
        # The engine is loaded with the first frame that the cache does not know.
        return self._identified.engine.open()


class CachedStream:
    """One stream, named by a chained hash of all frames since it was last at its start.

    From the first frame that the cache does not know, the engine is used: it hears the frames
    before, and then every further one until the stream is back at its start.

    Args:
        pages: the results of all streams.
        listen: opens a stream of the engine.
    """

    def __init__(self, pages: ResultPages, listen: Callable[[], VoiceActivity]) -> None:
        self._pages = pages
        self._listen = listen
        self._page: ResultPage | None = None
        self._engine: VoiceActivity | None = None
        self._held: list[bytes] = []
        self._lag: Samples = 0
        self._at_start = True
        self._chain = hashlib.sha256()
        self._left = 0
        self._ahead: list[_Foreseen] = []

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
        self._ahead = []
        chain = self._chain
        chain.update(pcm)
        digest = chain.digest()[:DIGEST]
        page = self._page
        if page is None or not self._left:
            page = self._page = self._pages.page(digest)
            self._left = PAGE
        self._left -= 1
        result = page.results.get(digest) if self._engine is None else None
        if result is None or len(self._held) >= MOST_HELD:
            result = self._ask(pcm)
            page.add(digest, result)
        else:
            self._held.append(pcm)
        probability, self._lag, at_start = result
        if at_start:
            self._start_again()
        return probability

    def foresee(self, frames: Iterable[bytes]) -> Iterator[tuple[float, Samples]]:
        """What the next frames will be judged, probability and lag, as far as the cache knows.

        This changes nothing, so that the frames are to be heard all the same.
        """
        self._ahead = ahead = list[_Foreseen]()
        if self._engine is not None:
            return
        at_start, chain, page, left = self._at_start, self._chain, self._page, self._left
        held, is_own, first = len(self._held), False, -1 if not at_start else 0
        for number, pcm in enumerate(frames):
            if at_start and is_quiet(pcm):
                ahead.append(_Foreseen(pcm, _NOTHING, None, 0, 0))
                yield 0.0, 0
                continue
            first = number if at_start else first
            chain, is_own = chain if is_own else chain.copy(), True
            chain.update(pcm)
            digest = chain.digest()[:DIGEST]
            if page is None or not left:
                page, left = self._pages.page(digest), PAGE
            left -= 1
            result = page.results.get(digest)
            if result is None or held >= MOST_HELD:
                return
            probability, lag, at_start = result
            held += 1
            ahead.append(_Foreseen(pcm, result, page, left, first))
            if at_start:
                chain, page, lag, held = hashlib.sha256(), None, 0, 0
            yield probability, lag

    def hear_block(self, frames: Sequence[bytes]) -> list[tuple[float, Samples]]:
        """Take the next frames; those that `foresee` was just asked about are not judged again.

        Returns:
            The probability and the lag of each.
        """
        ahead, self._ahead = self._ahead[: len(frames)], []
        is_known = len(ahead) == len(frames) and all(
            each.pcm is pcm for each, pcm in zip(ahead, frames, strict=True)
        )
        if not is_known or not ahead:
            return [(self.hear(pcm), self._lag) for pcm in frames]
        last = ahead[-1]
        if last.result.at_start or last.first >= 0:
            self._start_again()
        if not last.result.at_start:
            # The frames since the stream left its start, or all of them where it had before.
            heard = frames[max(0, last.first) :]
            self._at_start, self._lag = False, last.result.lag
            self._page, self._left = last.page, last.left
            self._chain.update(b"".join(heard))
            self._held += heard
        return [
            (each.result.probability, 0 if each.result.at_start else each.result.lag)
            for each in ahead
        ]

    def _start_again(self) -> None:
        self._at_start = True
        self._lag = 0
        self._chain = hashlib.sha256()
        self._page = None
        self._left = 0
        self._held = []
        self._engine = None

    def _ask(self, pcm: bytes) -> VadResult:
        """Ask the engine, which has heard, or now hears, everything that came before."""
        if self._engine is None:
            self._engine = self._listen()
            for earlier in self._held:
                self._engine.hear(earlier)
            self._held.clear()
        probability = self._engine.hear(pcm)
        return VadResult(probability, self._engine.lag, self._engine.at_start)


class VadResult(NamedTuple):
    """What the engine said after a frame.

    Attributes:
        probability: of speech, 0 to 1.
        lag: how far the judged sound lies behind the end of the frame.
        at_start: whether the stream is back at its start.
    """

    probability: float
    lag: Samples
    at_start: bool


_NOTHING: Final = VadResult(0.0, 0, at_start=True)
"""What is said of a frame of silence at the start of a stream."""


class _Foreseen(NamedTuple):
    """What is known of a frame that is still to be heard.

    Attributes:
        pcm: the frame.
        result: what the engine says after it.
        page: where that stands; None where the stream stays at its start.
        left: how many more results belong on that page.
        first: the place of the frame with which the stream left its start; -1 for an earlier one.
    """

    pcm: bytes
    result: VadResult
    page: ResultPage | None
    left: int
    first: int


class ResultPage:
    """The results for streams that are alike up to their first frame on this page."""

    def __init__(self, content: bytes | None) -> None:
        self.changed = False
        self.results: dict[bytes, VadResult] = {}
        if content is not None and len(content) % _LAYOUT.size == 0:
            for digest, probability, lag, at_start in _LAYOUT.iter_unpack(content):
                self.results[digest] = VadResult(probability, lag, at_start)

    def add(self, digest: bytes, result: VadResult) -> None:
        """Keep a result."""
        if digest in self.results:
            return
        if len(self.results) >= _MOST:
            self.results.clear()
        self.results[digest] = result
        self.changed = True

    def content(self) -> bytes:
        """The page as bytes."""
        return b"".join(_LAYOUT.pack(digest, *each) for digest, each in self.results.items())


class ResultPages:
    """The pages in memory; a page is one value of the cache.

    Args:
        cache: where they are.
        prefix: of their keys: which engine made the results.
    """

    def __init__(self, cache: Cache, prefix: bytes) -> None:
        self._cache = cache
        self._prefix = prefix
        self._open: OrderedDict[bytes, ResultPage] = OrderedDict()

    def page(self, digest: bytes) -> ResultPage:
        """The page for streams that are so far alike."""
        page = self._open.get(digest)
        if page is None:
            page = ResultPage(self._cache.get("activity", self._prefix + digest))
            self._open[digest] = page
            if len(self._open) > _PAGES:
                self._write(*self._open.popitem(last=False))
        else:
            self._open.move_to_end(digest)
        return page

    def keep(self) -> None:
        """Write what is new into the cache."""
        for digest, page in self._open.items():
            self._write(digest, page)

    def _write(self, digest: bytes, page: ResultPage) -> None:
        if page.changed:
            page.changed = False
            self._cache.put("activity", self._prefix + digest, page.content())
