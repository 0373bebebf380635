"""How long a bot's callers wait for an answer, by sound alone: with no words and no turns."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from soundstage.audio import AUDIBLE_PEAK, RELEASE
from soundstage.units import SILENCE, ms_of

if TYPE_CHECKING:
    from soundstage.units import Samples


class AnswerGaps:
    """From the last sound of the callers to the first of the bot, at the caller's ear.

    Sound of the bot counts as an answer when it has been quiet for `RELEASE` before, and its
    callers are quiet for as long after: what is said into a caller's words is none.

    Attributes:
        gaps: those that are known so far.
    """

    def __init__(self) -> None:
        self.gaps: list[Samples] = []
        self._asked: Samples | None = None
        self._spoke: Samples = -RELEASE
        self._answered: tuple[Samples, Samples] | None = None

    def hear(self, pts: Samples, pcm: bytes) -> None:
        """Take what the bot hears."""
        audible = _audible(pcm)
        if audible is None:
            return
        self._asked = pts + audible[1] + 1
        if self._answered is not None and self._asked - self._answered[0] < RELEASE:
            self._answered = None

    def say(self, pts: Samples, pcm: bytes) -> None:
        """Take what is heard of the bot."""
        if self._answered is not None and pts - self._answered[0] > RELEASE:
            self.settle()
        audible = _audible(pcm)
        if audible is None:
            return
        begins = pts + audible[0]
        if begins - self._spoke > RELEASE and self._asked is not None and begins >= self._asked:
            self._answered = (begins, begins - self._asked)
            self._asked = None
        self._spoke = pts + audible[1]

    def settle(self) -> None:
        """The answer that is being given is one."""
        if self._answered is not None:
            self.gaps.append(self._answered[1])
            self._answered = None

    def figures(self) -> dict[str, int]:
        """Of the event `bot_call`: how many there were, and their median in milliseconds."""
        self.settle()
        middle = {"answer_gap_ms": ms_of(round(median(self.gaps)))} if self.gaps else {}
        return {"answers": len(self.gaps), **middle}


def _audible(pcm: bytes) -> tuple[int, int] | None:
    """The first and the last audible sample of a frame; None where there is none."""
    if pcm is SILENCE:
        return None
    samples = np.frombuffer(pcm, dtype="<i2")
    loud = np.flatnonzero((samples >= AUDIBLE_PEAK) | (samples <= -AUDIBLE_PEAK))
    return (int(loud[0]), int(loud[-1])) if loud.size else None
