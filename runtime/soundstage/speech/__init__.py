"""Text to speech (TTS), speech to text (STT), voice activity detection (VAD).

A protocol for each, and engines that load when they are first used.
"""

import os

from soundstage.speech.engines import Engines
from soundstage.speech.protocols import (
    ForeseeingActivity,
    Recognition,
    Recognizer,
    SpeechPart,
    Synthesizer,
    VoiceActivity,
    VoiceActivityEngine,
    WordTiming,
)
from soundstage.speech.tts_voices import voice_for

# Releases such as 1.32 report to their maker over the network, and keep what they could not send
# in the home folder. Only this variable stops it, and only before it is imported; set it
# to 0 to report.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

__all__ = [
    "Engines",
    "ForeseeingActivity",
    "Recognition",
    "Recognizer",
    "SpeechPart",
    "Synthesizer",
    "VoiceActivity",
    "VoiceActivityEngine",
    "WordTiming",
    "voice_for",
]
