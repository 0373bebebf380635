"""From what each member says to what each member hears, and the recording of both."""

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
