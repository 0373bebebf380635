"""A line on which everything comes back once."""

from typing import Annotated, Any, TypeAlias

import numpy as np
from pydantic import AfterValidator

from soundstage.audio.effects.delay import DelayLine, LineTime
from soundstage.audio.effects.effect import Effect, EffectGiven, EffectSettings, Sound
from soundstage.config.values import Duration, Level
from soundstage.units import Samples


def _check_softer(level: Level) -> Level:
    if level > 0:
        raise ValueError(f"an echo is not louder than what it repeats: at most 0dB, not {level}")
    return level


SofterLevel: TypeAlias = Annotated[Level, AfterValidator(_check_softer)]
"""A level of at most 0 dB."""


class Echo(Effect):
    """Everything is heard once more, later and softer."""

    class Settings(EffectSettings):
        """The keys of an echo.

        Attributes:
            delay: how much later it is heard again, up to 10 s.
            level: how loud, against what it repeats.
        """

        delay: LineTime = Duration("250ms")
        level: SofterLevel = Level("-12dB")

    def __init__(self, settings: Any, given: EffectGiven) -> None:
        super().__init__(settings, given)
        self._delay_line = DelayLine(int(settings.delay))

    @property
    def tail(self) -> Samples:
        """Until the last of it has come back."""
        return int(self.settings.delay)

    def apply(self, sound: Sound) -> Sound:
        """The frame, and what is repeated with it."""
        again = self._delay_line.push(sound) * np.float32(self.settings.level.gain)
        both: Sound = np.add(sound, again, dtype=np.float32)
        return both
