"""Sound cards: microphones and speakers, through PortAudio, at the run's own pace.

PortAudio is loaded when a device is first used; everything but `PortAudioCard` works without it.
"""

from soundstage.devices.microphone_and_speaker import Microphone, Speaker
from soundstage.devices.monitor import MONITOR_LIMITS, Monitor
from soundstage.devices.portaudio import PortAudioCard
from soundstage.devices.sound_card import Card, Choice, DeviceInfo, OpenStream

__all__ = [
    "MONITOR_LIMITS",
    "Card",
    "Choice",
    "DeviceInfo",
    "Microphone",
    "Monitor",
    "OpenStream",
    "PortAudioCard",
    "Speaker",
]
