"""A loudspeaker that the agent's own microphone hears: those who speak to it hear themselves."""

from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator

from soundstage.audio.effects.delay import DelayLine, LineTime
from soundstage.audio.effects.echo import SofterLevel
from soundstage.audio.effects.effect import Effect, EffectGiven, EffectSettings, Sound
from soundstage.config.values import Duration, Level
from soundstage.units import FRAME_SAMPLES, Samples

_SHORTEST = Duration("20ms")


def _check_delay(delay: Duration) -> Duration:
    if delay < _SHORTEST:
        raise ValueError(
            f"sound takes at least a frame of {_SHORTEST} through the loudspeaker, not {delay}"
        )
    return delay


class AcousticEcho(Effect):
    """What the agent hears is in what it sends, later and softer, as with no echo cancelling.

    It belongs to the line on which the agent sends. The echo is of what the agent really hears: of
    all that speak to it, over their lines and its own.
    """

    class Settings(EffectSettings):
        """The keys of an acoustic echo.

        Attributes:
            delay: from the agent's ear back to its line, 20 ms to 10 s.
            level: how loud, against what it hears.
        """

        delay: Annotated[LineTime, AfterValidator(_check_delay)] = Duration("120ms")
        level: SofterLevel = Level("-20dB")

    hears_back = True

    def __init__(self, settings: Any, given: EffectGiven) -> None:
        super().__init__(settings, given)
        # What an agent hears in a tick is known when that tick is mixed: it takes part in the next.
        self._delay_line = DelayLine(int(settings.delay) - FRAME_SAMPLES)
        self._heard: Sound = np.zeros(FRAME_SAMPLES, np.float32)

    @property
    def tail(self) -> Samples:
        """Until the last of it has come back."""
        return int(self.settings.delay) + FRAME_SAMPLES

    def hear_back(self, sound: Sound) -> None:
        """The frame that the agent hears."""
        self._heard = sound

    def apply(self, sound: Sound) -> Sound:
        """The frame, and what the microphone hears beside it."""
        echo = self._delay_line.push(self._heard) * np.float32(self.settings.level.gain)
        self._heard = np.zeros(FRAME_SAMPLES, np.float32)
        both: Sound = np.add(sound, echo, dtype=np.float32)
        return both
