"""Voices, recognition and voice activity: a Protocol each, and engines that load when used."""

import os

from soundstage.speech._engines import Engines
from soundstage.speech._names import voice_for
from soundstage.speech._protocols import (
    Recognition,
    Recognizer,
    SpeechPart,
    Synthesizer,
    VoiceActivity,
    VoiceActivityEngine,
    WordTiming,
)
from soundstage.speech._rehearsal import Rehearsal

# Releases such as 1.32 report to their maker over the network, and keep what they could not send
# in the home folder. Only this variable stops it, and only before it is imported; whoever wants to
# report can set it to 0.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

__all__ = [
    "Engines",
    "Recognition",
    "Recognizer",
    "Rehearsal",
    "SpeechPart",
    "Synthesizer",
    "VoiceActivity",
    "VoiceActivityEngine",
    "WordTiming",
    "voice_for",
]
