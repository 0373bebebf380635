"""What a line does to sound: each effect a class of its own, in chains, drawn from the seed."""

from soundstage.audio.effects._chain import Chain, EffectFailed, Link
from soundstage.audio.effects._delay import Delay
from soundstage.audio.effects._echo import Echo
from soundstage.audio.effects._effect import Effect, EffectGiven, EffectSettings, Sound
from soundstage.audio.effects._gain import Gain
from soundstage.audio.effects._loss import Loss
from soundstage.audio.effects._noise import Noise
from soundstage.audio.effects._presets import PRESETS
from soundstage.audio.effects._telephone import Telephone

__all__ = [
    "PRESETS",
    "Chain",
    "Delay",
    "Echo",
    "Effect",
    "EffectFailed",
    "EffectGiven",
    "EffectSettings",
    "Gain",
    "Link",
    "Loss",
    "Noise",
    "Sound",
    "Telephone",
]
