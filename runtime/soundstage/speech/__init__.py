"""Offline speech: synthesis, recognition and voice activity, and the engines behind them.

The engines are modules of their own, loaded by their entry points when they are first used.
"""

from soundstage.speech._engines import Engines
from soundstage.speech._protocols import (
    Recognition,
    Recognizer,
    SpeechPart,
    Synthesizer,
    VoiceActivity,
    VoiceActivityEngine,
    WordTiming,
)
from soundstage.speech._voices import SHAPES, voice_for

VOICES = tuple(SHAPES)
"""The voice names that the offline synthesiser knows."""

__all__ = [
    "VOICES",
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
