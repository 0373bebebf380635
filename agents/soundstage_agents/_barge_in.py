"""Whether an agent that speaks at the same time means to interrupt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from soundstage.units import FRAME_SAMPLES, samples_of_ms

if TYPE_CHECKING:
    from soundstage.units import Samples

PAUSE: Final = samples_of_ms(200)
"""A gap up to this long does not end a stretch of sound: the one within "mm-hm"."""


class BargeInDetector:
    """Measures the sound of others against the agent's own speech.

    Args:
        backchannel: sounds shorter than this do not interrupt; 0 where every one does, and the
            session sees to it by itself.
        interrupts: whether anything interrupts.

    Attributes:
        matters: whether it is the agent that decides, rather than its session.
    """

    def __init__(self, backchannel: Samples, *, interrupts: bool) -> None:
        self._shortest = backchannel
        self._interrupts = interrupts
        self.matters = backchannel > 0
        self._start: Samples = 0
        self._end: Samples | None = None
        self._speaking = False
        self._over_speech = False
        self._noticed = False

    def hear(self, pts: Samples, *, audible: bool, speaking: bool) -> None:
        """One frame of what the agent hears; `speaking`: while it is heard itself."""
        self._speaking = speaking
        if not audible:
            return
        if self._end is None or pts - self._end > PAUSE:
            self._start = pts
        self._end = pts + FRAME_SAMPLES
        self._over_speech = speaking

    def begin(self) -> None:
        """The session has noticed speech; that matters while the agent speaks itself."""
        self._noticed = self._speaking

    def end(self) -> None:
        """The session takes that turn to be over, or it has been dealt with."""
        self._noticed = False

    @property
    def is_meant(self) -> bool:
        """Whether what was noticed has become too long for a backchannel."""
        return (
            self.matters and self._interrupts and self._noticed and self._length >= self._shortest
        )

    @property
    def is_backchannel(self) -> bool:
        """Whether what was noticed was short, and over before the agent had finished."""
        return (
            self.matters and self._noticed and self._over_speech and self._length < self._shortest
        )

    @property
    def _counts(self) -> bool:
        return self.matters and self._noticed

    @property
    def _length(self) -> Samples:
        return 0 if self._end is None else self._end - self._start
