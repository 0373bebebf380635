"""A fixed gain."""

import numpy as np

from soundstage.audio.effects.effect import Effect, EffectSettings, Sound
from soundstage.config.values import Level


class Gain(Effect):
    """Louder or softer by a fixed level."""

    class Settings(EffectSettings):
        """The keys of a gain.

        Attributes:
            level: by how much.
        """

        level: Level

    def apply(self, sound: Sound) -> Sound:
        """The frame, louder or softer."""
        return sound * np.float32(self.settings.level.gain)
