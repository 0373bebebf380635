"""Voices, recognition and voice activity: a Protocol each, and engines that load when used."""

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

__all__ = [
    "Engines",
    "Recognition",
    "Recognizer",
    "SpeechPart",
    "Synthesizer",
    "VoiceActivity",
    "VoiceActivityEngine",
    "WordTiming",
    "voice_for",
]
