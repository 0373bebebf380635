"""The sound of a conversation's items, as long as there is room for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from soundstage.units import SAMPLE_BYTES

if TYPE_CHECKING:
    from soundstage.units import Samples

MOST_BYTES: Final = 16 * 1024 * 1024
"""How much sound is kept: some six minutes."""


class AudioShelf:
    """Keeps the newest audio, by the item it belongs to."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}
        self._size = 0

    def keep(self, ident: str, pcm: bytes) -> None:
        """Put an item's audio there; the oldest goes when there is too much."""
        self.drop(ident)
        self._kept[ident] = pcm
        self._size += len(pcm)
        while self._size > MOST_BYTES:
            self.drop(next(iter(self._kept)))

    def get(self, ident: str) -> bytes:
        """An item's audio, empty where none is kept."""
        return self._kept.get(ident, b"")

    def cut(self, ident: str, samples: Samples) -> None:
        """Keep only the beginning of an item's audio."""
        if ident in self._kept:
            self.keep(ident, self._kept[ident][: samples * SAMPLE_BYTES])

    def drop(self, ident: str) -> None:
        """Forget an item's audio."""
        self._size -= len(self._kept.pop(ident, b""))
