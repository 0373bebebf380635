"""What an engine for voices, words or voice activity must be able to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from soundstage.units import Samples

if TYPE_CHECKING:
    from collections.abc import Iterator


class WordTiming(Struct, frozen=True, gc=False):
    """Where in an utterance a word is said.

    Attributes:
        text: the word as it was written, with its punctuation; joined by spaces, the words are
            the text again.
        start: samples from the start of the utterance to the word's first sound.
        end: samples from the start of the utterance to the end of its last sound.
    """

    text: str
    start: Samples
    end: Samples


class SpeechPart(Struct, frozen=True, gc=False):
    """One sentence of an utterance, or a piece of one.

    Attributes:
        pcm: 24 kHz mono signed 16-bit samples, the pause before it included.
        words: its words, timed from the start of the utterance.
        text: what is said in it.
    """

    pcm: bytes
    words: tuple[WordTiming, ...]
    text: str


class Recognition(Struct, frozen=True, gc=False):
    """What a recogniser made of a stretch of sound.

    Attributes:
        text: the words, with case and punctuation; empty where nothing was said.
        no_speech: the probability that nothing was said, 0 to 1.
        score: mean log probability of the words, 0 at best.
    """

    text: str
    no_speech: float
    score: float


class Engine(Protocol):
    """What every engine says of itself; together it tells whether two results may differ.

    Attributes:
        name: as scenario files write it.
        version: of the program: equal versions and fingerprints give equal results.
        fingerprint: a hash of the weights.
    """

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def fingerprint(self) -> str: ...


class Synthesizer(Engine, Protocol):
    """Turns text into speech. May be used from several threads at once.

    Attributes:
        voices: the names of its voices.
    """

    @property
    def voices(self) -> tuple[str, ...]: ...

    def synthesize(self, text: str, voice: str, speed: float = 1.0) -> Iterator[SpeechPart]:
        """Say a text; each part is computed when it is asked for.

        The same text, voice and speed give the same bytes every time.

        Args:
            text: what to say; what cannot be said, such as pictures, is passed over.
            voice: one of `voices`.
            speed: how fast, 1.0 is the voice's own pace.

        Raises:
            ValueError: the voice is unknown or the speed is out of range.
        """
        ...


class Recognizer(Engine, Protocol):
    """Turns speech into text. May be used from several threads at once."""

    def recognize(self, pcm: bytes) -> Recognition:
        """Find the words in 24 kHz mono signed 16-bit samples, any number of them."""
        ...


class VoiceActivity(Protocol):
    """Listens to one stream. Belongs to one thread at a time.

    Attributes:
        lag: how far the sound that the last probability is about lies behind the end of the
            last frame; to be subtracted from every time derived from it.
        at_start: whether what is heard next is judged as if nothing had come before.
    """

    @property
    def lag(self) -> Samples: ...

    @property
    def at_start(self) -> bool: ...

    def hear(self, pcm: bytes) -> float:
        """Take the next 20 ms frame.

        After 960 ms with no sample above 4 and no speech on, the stream is back at its start.
        There, a frame with no sample above 4 is no speech, and leaves it at its start.

        Returns:
            The probability that somebody is speaking now, 0 to 1.
        """
        ...


class VoiceActivityEngine(Engine, Protocol):
    """Opens a listener for each stream. May be used from several threads at once."""

    def open(self) -> VoiceActivity:
        """A listener that has heard nothing yet."""
        ...
