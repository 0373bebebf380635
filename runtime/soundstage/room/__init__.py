"""Who hears whom: the mixer and the recorder."""

from soundstage.room._mixer import Mixer, Ports
from soundstage.room._recorder import RECORDER_LIMITS, Archive, Recorder

__all__ = ["RECORDER_LIMITS", "Archive", "Mixer", "Ports", "Recorder"]
