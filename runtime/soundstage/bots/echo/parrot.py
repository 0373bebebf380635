"""What every echo bot does with what it hears."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from soundstage.audio import peak

if TYPE_CHECKING:
    from collections.abc import Callable

WAIT: Final = 0.2
"""Seconds from the last sound that it hears to its answer: what no transport is to blame for."""

_SOUND: Final = 400
"""The level from which on audio counts; the noise of a codec is below."""


class Parrot:
    """Says back what it has heard, so long after the last sound of it; on the loop's thread.

    Args:
        say: says pieces of audio as they were heard.
    """

    def __init__(self, say: Callable[[list[bytes]], None]) -> None:
        self._say = say
        self._heard: list[bytes] = []
        self._later: asyncio.TimerHandle | None = None

    def hear(self, pcm: bytes, piece: bytes | None = None) -> None:
        """Hear a piece.

        Args:
            pcm: 16-bit samples.
            piece: the same in the form in which it is said back, where that is another.
        """
        if peak(pcm) < _SOUND:
            return
        self._heard.append(pcm if piece is None else piece)
        if self._later is not None:
            self._later.cancel()
        self._later = asyncio.get_running_loop().call_later(WAIT, self._answer)

    def _answer(self) -> None:
        pieces, self._heard, self._later = self._heard, [], None
        self._say(pieces)
