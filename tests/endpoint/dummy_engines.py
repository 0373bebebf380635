"""Engines that do what a test tells them to, at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.audio import peak
from soundstage.speech import Recognition, SpeechPart, WordTiming
from soundstage.units import FRAME_BYTES, FRAME_SAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soundstage.cache import Cache

LOUD = b"\x00\x40" * FRAME_SAMPLES
"""A frame in which somebody speaks, as far as the dummies are concerned."""

SPOKEN = b"\x00\x10" * FRAME_SAMPLES
"""A frame of what the dummy synthesiser says; a sentence is ten of them."""

FRAMES_OF_A_SENTENCE = 10


class DummySynthesizer:
    name, version, fingerprint = "dummy", "1", "f1"
    voices = ("alloy", "ash", "shimmer")

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, float]] = []
        self.made: list[str] = []
        self.error: Exception | None = None
        self.fails_at: int = 0

    def synthesize(self, text: str, voice: str, speed: float = 1.0) -> Iterator[SpeechPart]:
        self.asked.append((text, voice, speed))
        sentences = [sentence for sentence in text.replace("? ", "?|").split("|") if sentence]
        for number, sentence in enumerate(sentences):
            if self.error is not None and number == self.fails_at:
                raise self.error
            self.made.append(sentence)
            yield _part(sentence, number * FRAMES_OF_A_SENTENCE * FRAME_SAMPLES)


class DummyRecognizer:
    name, version, fingerprint = "dummy", "1", "f2"

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)
        self.error: Exception | None = None

    def recognize(self, pcm: bytes) -> Recognition:
        if self.error is not None:
            raise self.error
        return Recognition(self.texts.pop(0), 0.0, 0.0)


class DummyActivity:
    name, version, fingerprint = "dummy", "1", "f3"
    lag = 0

    def open(self) -> DummyActivity:
        return self

    def hear(self, pcm: bytes) -> float:
        assert len(pcm) == FRAME_BYTES
        return 1.0 if peak(pcm) > 1000 else 0.0


class DummyEngines:
    """Has what `soundstage.speech.Engines` has."""

    cache: Cache | None = None

    def __init__(self, *heard: str) -> None:
        self.synthesizer = DummySynthesizer()
        self.recognizer = DummyRecognizer(*heard)
        self.vad = DummyActivity()


def _part(sentence: str, start: int) -> SpeechPart:
    words = sentence.split()
    length = FRAMES_OF_A_SENTENCE * FRAME_SAMPLES // max(1, len(words))
    timed = tuple(
        WordTiming(word, start + place * length, start + (place + 1) * length)
        for place, word in enumerate(words)
    )
    return SpeechPart(SPOKEN * FRAMES_OF_A_SENTENCE, timed, sentence)
