"""`soundstage say`: a text as a WAV file, by the engine that speaks for the agents."""

from __future__ import annotations

import wave
from typing import TYPE_CHECKING

from msgspec import Struct

from soundstage.errors import UsageError
from soundstage.speech import Engines
from soundstage.units import SAMPLE_BYTES, SAMPLE_RATE

if TYPE_CHECKING:
    from pathlib import Path


class Spoken(Struct, frozen=True):
    """What was written.

    Attributes:
        seconds: how long it takes to hear.
        words: how many words were spoken.
    """

    seconds: float
    words: int


def say(text: str, output: Path, voice: str, *, speed: float, engine: str) -> Spoken:
    """Write a text as speech.

    Args:
        text: English; at least one word.
        output: the file: WAV, 24 kHz mono 16-bit.
        voice: one of the engine's.
        speed: 1.0 is the voice's own pace.
        engine: the name of a synthesizer.

    Raises:
        UsageError: there is no word, no such voice, no such pace, or the file cannot be written.
        EngineMissing: the engine is not installed.
    """
    synthesizer = Engines(synthesizer=engine).synthesizer
    if voice not in synthesizer.voices:
        raise UsageError(f'no voice "{voice}": {engine} has {", ".join(synthesizer.voices)}')
    try:
        parts = list(synthesizer.synthesize(text, voice, speed))
    except ValueError as error:
        raise UsageError(str(error)) from None
    pcm = b"".join(part.pcm for part in parts)
    words = sum(len(part.words) for part in parts)
    if not words:
        raise UsageError("the text has no word that can be spoken")
    try:
        with output.open("wb") as opened, wave.open(opened) as file:
            file.setnchannels(1)
            file.setsampwidth(SAMPLE_BYTES)
            file.setframerate(SAMPLE_RATE)
            file.writeframes(pcm)
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror}") from None
    return Spoken(len(pcm) / SAMPLE_BYTES / SAMPLE_RATE, words)
