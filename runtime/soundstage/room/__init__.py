"""Who hears whom, and who follows it."""

from soundstage.room._audience import Attend, Audience
from soundstage.room._desk import Desk, Mixes
from soundstage.room._graph import Edge, Graph
from soundstage.room._lines import Lines
from soundstage.room._mixer import Mixer, Ports
from soundstage.room._recorder import RECORDER_LIMITS, Archive, Recorder

__all__ = [
    "RECORDER_LIMITS",
    "Archive",
    "Attend",
    "Audience",
    "Desk",
    "Edge",
    "Graph",
    "Lines",
    "Mixer",
    "Mixes",
    "Ports",
    "Recorder",
]
