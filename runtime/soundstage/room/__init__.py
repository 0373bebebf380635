"""Who hears whom, and who follows it: the mixer, the recorder, the audience."""

from soundstage.room._audience import Attend, Audience
from soundstage.room._mixer import Mixer, Ports
from soundstage.room._recorder import RECORDER_LIMITS, Archive, Recorder

__all__ = [
    "RECORDER_LIMITS",
    "Archive",
    "Attend",
    "Audience",
    "Mixer",
    "Ports",
    "Recorder",
]
