"""Background noise of a line."""

from typing import Any, Final, Self

import numpy as np
from pydantic import model_validator

from soundstage.audio.effects.effect import Effect, EffectGiven, EffectSettings, Sound
from soundstage.config.values import Channel, Level
from soundstage.errors import UsageError
from soundstage.units import FRAME_SAMPLES

_NOMINAL: Final = 10 ** (-26 / 10)
"""Power of speech at -26 dB of full scale (ITU-T P.56's usual level), until it is known better."""

_FLOOR: Final = 10 ** (-50 / 10)
_MARGIN: Final = 10 ** (-15.9 / 10)
_FORGET: Final = 0.999
_MANY: Final = 500
_MADE: Final = ("white", "pink")
_OCTAVES: Final = 16
_LOOP: Final = 1 << 18


class Noise(Effect):
    """Noise behind the speech, from the moment the sender joins.

    How loud it is follows the sender's active speech level: the mean power of the frames with
    speech in them, those within 15.9 dB of the loudest (the margin of ITU-T P.56), over the last
    ten seconds of speech.
    """

    class Settings(EffectSettings):
        """The keys of noise.

        Attributes:
            source: `white`, `pink`, or a recording beside the scenario in any format that FFmpeg
                reads, repeated without end.
            channel: the only channel of the recording that is heard, `left`, `right` or its
                number from 1; all of them by default, averaged.
            snr: how much louder the speech is than the noise.
        """

        source: str = "white"
        channel: Channel | None = None
        snr: Level = Level("15dB")

        @model_validator(mode="after")
        def _has_channels(self) -> Self:
            if self.channel is not None and self.source in _MADE:
                raise ValueError(f"{self.source} noise has no channels: channel is a recording's")
            return self

    def __init__(self, settings: Any, given: EffectGiven) -> None:
        super().__init__(settings, given)
        self._random = given.noise_stream()
        self._loop: Sound | None = None
        if settings.source != "white":
            self._loop = self._recorded()
        self._place = 0 if self._loop is None else int(self._random.integers(len(self._loop)))
        self._power = _NOMINAL
        self._loudest = _FLOOR
        self._frames = 1
        self._gain = self._wanted()

    @property
    def is_source(self) -> bool:
        """It is."""
        return True

    def apply(self, sound: Sound) -> Sound:
        """The frame, with noise behind it."""
        self._listen(float(np.mean(np.square(sound, dtype=np.float64))))
        before, self._gain = self._gain, self._wanted()
        gain = np.linspace(before, self._gain, FRAME_SAMPLES, dtype=np.float32)
        both: Sound = np.add(sound, gain * self._noise(), dtype=np.float32)
        return both

    def _listen(self, power: float) -> None:
        self._loudest = max(self._loudest * _FORGET, power)
        if power > max(_FLOOR, self._loudest * _MARGIN):
            self._frames = min(self._frames + 1, _MANY)
            self._power += (power - self._power) / self._frames

    def _wanted(self) -> float:
        return float((self._power * 10 ** (-self.settings.snr / 10)) ** 0.5)

    def _noise(self) -> Sound:
        if self._loop is None:
            white: Sound = self._random.standard_normal(FRAME_SAMPLES, np.float32)
            return white
        places = (self._place + np.arange(FRAME_SAMPLES)) % len(self._loop)
        self._place += FRAME_SAMPLES
        return self._loop[places]

    def _recorded(self) -> Sound:
        source: str = self.settings.source
        if source == "pink":
            sound = _pink(self._random)
        else:
            sound = self.given.open_sound(source, self.settings.channel)
        power = float(np.mean(np.square(sound, dtype=np.float64))) if len(sound) else 0.0
        if not power:
            raise UsageError(f"{source} is silent, so it cannot be made louder or softer")
        return sound * np.float32(power**-0.5)


def _pink(random: "np.random.Generator") -> Sound:
    """Eleven seconds of noise with the same power in every octave (Voss's sum of held values)."""
    octaves = (
        np.repeat(random.standard_normal(_LOOP >> octave, np.float32), 1 << octave)
        for octave in range(_OCTAVES)
    )
    total = np.zeros(_LOOP, np.float32)
    for octave in octaves:
        total += octave
    total -= total.mean()
    return total
