"""What a speech engine is: three small Protocols, and what they exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from soundstage.units import Samples

if TYPE_CHECKING:
    from collections.abc import Iterator


class WordTiming(Struct, frozen=True):
    """A word of an utterance, and where it sounds, in samples from the utterance's start."""

    text: str
    start: Samples
    end: Samples


class SpeechPart(Struct, frozen=True):
    """A piece of an utterance: 24 kHz mono PCM of any length, its words, and its text."""

    pcm: bytes
    words: tuple[WordTiming, ...]
    text: str


class Recognition(Struct, frozen=True):
    """What was said.

    Attributes:
        text: the words, or empty where nothing was said.
        no_speech: probability that there was no speech, 0 to 1.
        score: mean log probability of the words; nearer to 0 is surer.
    """

    text: str
    no_speech: float
    score: float


class Synthesizer(Protocol):
    """Text to speech. The same text gives the same bytes, in any thread.

    Attributes:
        name: what scenarios call it.
        version: of the engine's package.
        fingerprint: SHA-256 of its weights.
        voices: the voice names it knows.
    """

    name: str
    version: str
    fingerprint: str
    voices: tuple[str, ...]

    def synthesize(self, text: str, voice: str, speed: float = 1.0) -> Iterator[SpeechPart]:
        """Speak a text, part by part, the first one as soon as it is made.

        Args:
            text: at most a few thousand characters; more is cut.
            voice: one of `voices`.
            speed: 0.25 to 1.5 times the usual pace.
        """
        ...


class Recognizer(Protocol):
    """Speech to text."""

    name: str
    version: str
    fingerprint: str

    def recognize(self, pcm: bytes) -> Recognition:
        """Write down 24 kHz mono 16-bit PCM of any length."""
        ...


class VoiceActivity(Protocol):
    """Whether somebody speaks, for one stream."""

    def hear(self, pcm: bytes) -> float:
        """The probability of speech, 0 to 1, after this frame of 20 ms."""
        ...


class VoiceActivityEngine(Protocol):
    """Makes a `VoiceActivity` for each stream."""

    name: str
    version: str
    fingerprint: str

    def open(self) -> VoiceActivity:
        """Begin a stream."""
        ...
