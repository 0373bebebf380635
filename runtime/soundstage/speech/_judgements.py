"""What voice activity made of streams of frames, by everything that a stream had heard."""

from __future__ import annotations

from collections import OrderedDict
from struct import Struct as Layout
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from soundstage.cache import Cache
    from soundstage.units import Samples

DIGEST: Final = 16
"""Bytes by which a stream so far is told from all others."""

_PAGES: Final = 256
"""How many are at hand; a page is some 5 s of speech."""

_MOST: Final = 4096
"""Judgements in one page: several streams may begin alike."""

_LAYOUT: Final = Layout(f"<{DIGEST}sdi?")


class Judgement(NamedTuple):
    """What is known after a frame.

    Attributes:
        probability: that somebody is speaking.
        lag: how far the judged sound lies behind the end of the frame.
        at_start: whether the stream is back at its start.
    """

    probability: float
    lag: Samples
    at_start: bool


class Page:
    """The judgements of streams that are alike up to their first frame on it."""

    def __init__(self, content: bytes | None) -> None:
        self.changed = False
        self.judged: dict[bytes, Judgement] = {}
        if content is not None and len(content) % _LAYOUT.size == 0:
            for digest, probability, lag, at_start in _LAYOUT.iter_unpack(content):
                self.judged[digest] = Judgement(probability, lag, at_start)

    def add(self, digest: bytes, judgement: Judgement) -> None:
        """Keep a judgement."""
        if digest in self.judged:
            return
        if len(self.judged) >= _MOST:
            self.judged.clear()
        self.judged[digest] = judgement
        self.changed = True

    def content(self) -> bytes:
        """The page as bytes."""
        return b"".join(_LAYOUT.pack(digest, *each) for digest, each in self.judged.items())


class Pages:
    """The pages that are being read and written; a page is one value of the cache.

    Args:
        cache: where they are.
        prefix: of their keys: whose judgements they hold.
    """

    def __init__(self, cache: Cache, prefix: bytes) -> None:
        self._cache = cache
        self._prefix = prefix
        self._open: OrderedDict[bytes, Page] = OrderedDict()

    def page(self, digest: bytes) -> Page:
        """The page for streams that are so far alike."""
        page = self._open.get(digest)
        if page is None:
            page = Page(self._cache.get("activity", self._prefix + digest))
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

    def _write(self, digest: bytes, page: Page) -> None:
        if page.changed:
            page.changed = False
            self._cache.put("activity", self._prefix + digest, page.content())
