"""Sound cards: microphones and speakers, through PortAudio, at the run's own pace.

PortAudio is loaded when a device is first used; everything but `PortAudioCard` works without it.
"""

from soundstage.devices._card import Card, Choice, DeviceInfo, OpenStream
from soundstage.devices._microphone import Microphone
from soundstage.devices._monitor import MONITOR_LIMITS, Monitor
from soundstage.devices._playout import Playout
from soundstage.devices._portaudio import PortAudioCard
from soundstage.devices._ring import Ring
from soundstage.devices._speaker import Speaker

__all__ = [
    "MONITOR_LIMITS",
    "Card",
    "Choice",
    "DeviceInfo",
    "Microphone",
    "Monitor",
    "OpenStream",
    "Playout",
    "PortAudioCard",
    "Ring",
    "Speaker",
]
