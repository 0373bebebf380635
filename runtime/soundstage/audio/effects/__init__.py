"""Effects of a line on sound: a class for each, in chains, random only by the seed."""

from soundstage.audio.effects.acoustic_echo import AcousticEcho
from soundstage.audio.effects.delay import Delay
from soundstage.audio.effects.echo import Echo
from soundstage.audio.effects.effect import Effect, EffectGiven, EffectSettings, Sound
from soundstage.audio.effects.effect_chain import Chain, EffectFailed, Link
from soundstage.audio.effects.gain import Gain
from soundstage.audio.effects.noise import Noise
from soundstage.audio.effects.packet_loss import Loss
from soundstage.audio.effects.presets import PRESETS
from soundstage.audio.effects.telephone import Telephone

__all__ = [
    "PRESETS",
    "AcousticEcho",
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
