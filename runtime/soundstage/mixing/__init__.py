"""Who hears whom at what level, and what is recorded of it."""

from soundstage.mixing.effect_lines import EffectLines
from soundstage.mixing.mix_bus import MixBus, Mixes
from soundstage.mixing.mixer import Mixer
from soundstage.mixing.recorder import RECORDER_LIMITS, Archive, Recorder
from soundstage.mixing.routing import Edge, RoutingGraph

__all__ = [
    "RECORDER_LIMITS",
    "Archive",
    "Edge",
    "EffectLines",
    "MixBus",
    "Mixer",
    "Mixes",
    "Recorder",
    "RoutingGraph",
]
