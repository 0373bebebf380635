"""Packet loss of a line, single or in bursts (Gilbert-Elliott)."""

from typing import Annotated, Any, Final

import numpy as np
from pydantic import AfterValidator

from soundstage.audio.effects.effect import Effect, EffectGiven, EffectSettings, Sound
from soundstage.audio.effects.loss_concealer import Concealer
from soundstage.config.values import Duration, Ratio
from soundstage.units import FRAME_SAMPLES, Samples

_PACKET: Final = Duration("20ms")


def _check_burst(burst: Duration) -> Duration:
    if burst < _PACKET:
        raise ValueError(f"a burst is a packet of {_PACKET} at least, not {burst}")
    return burst


class Loss(Effect):
    """Loses packets of 20 ms, each by itself or, with `burst`, several in a row.

    Bursts follow the model of Gilbert and Elliott: a line that is good or bad, loses everything
    while it is bad, and is so for `burst` on average and for `rate` of the time.
    """

    class Settings(EffectSettings):
        """The keys of loss.

        Attributes:
            rate: the share of packets that is lost.
            burst: how long a loss lasts on average; each packet by itself where it is not given.
            conceal: whether the gaps are filled with what was heard last, fading, as phones do.
        """

        rate: Ratio
        burst: Annotated[Duration, AfterValidator(_check_burst)] | None = None
        conceal: bool = True

    def __init__(self, settings: Any, given: EffectGiven) -> None:
        super().__init__(settings, given)
        self._concealer = Concealer()
        self._is_bad = False
        rate = float(settings.rate)
        if settings.burst is None:
            self._stays_bad, self._turns_bad = rate, rate
        else:
            leaves = FRAME_SAMPLES / int(settings.burst)
            self._stays_bad = 1 - leaves
            self._turns_bad = min(leaves * rate / (1 - rate), 1.0) if rate < 1 else 1.0
        if rate == 1:
            self._stays_bad = 1.0

    @property
    def tail(self) -> Samples:
        """Until what conceals a gap has faded."""
        return Concealer.FADES if self.settings.conceal else 0

    def apply(self, sound: Sound) -> Sound:
        """The frame, or what is heard in its place."""
        chance = self._stays_bad if self._is_bad else self._turns_bad
        self._is_bad = self.given.stream.random() < chance
        if not self.settings.conceal:
            return np.zeros_like(sound) if self._is_bad else sound
        return self._concealer.conceal() if self._is_bad else self._concealer.take(sound)
