"""The protocols of engines: text to speech, speech to text, voice activity detection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from msgspec import Struct

from soundstage.units import Samples

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


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
    """What every engine says of itself; together it tells whether two results may differ."""

    @property
    def name(self) -> str:
        """Its name, as scenario files write it."""
        ...

    @property
    def version(self) -> str:
        """The version of the program: equal versions and fingerprints give equal results."""
        ...

    @property
    def fingerprint(self) -> str:
        """A hash of the weights."""
        ...


class Synthesizer(Engine, Protocol):
    """Turns text into speech (TTS). May be used from several threads at once."""

    @property
    def voices(self) -> tuple[str, ...]:
        """The names of its voices."""
        ...

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
    """Turns speech into text (STT). May be used from several threads at once."""

    def recognize(self, pcm: bytes) -> Recognition:
        """Find the words in 24 kHz mono signed 16-bit samples, any number of them."""
        ...


class VoiceActivity(Protocol):
    """Voice activity of one stream. Belongs to one thread at a time."""

    @property
    def lag(self) -> Samples:
        """How far the sound of the last probability lies behind the end of the last frame.

        Subtract it from every time that is derived from that probability.
        """
        ...

    @property
    def at_start(self) -> bool:
        """Whether the next frame is judged as if nothing had come before."""
        ...

    def hear(self, pcm: bytes) -> float:
        """Take the next 20 ms frame.

        After 960 ms with no sample above 4 and no speech on, the stream is back at its start.
        There, a frame with no sample above 4 is no speech, and leaves it at its start.

        Returns:
            The probability of speech now, 0 to 1.
        """
        ...


@runtime_checkable
class ForeseeingActivity(Protocol):
    """A stream of voice activity that may know what it will say of frames still to be heard."""

    def foresee(self, frames: Iterable[bytes]) -> Iterator[tuple[float, Samples]]:
        """The probability and the lag of each of the next frames, as far as they are known.

        This changes nothing.
        """
        ...

    def hear_block(self, frames: Sequence[bytes]) -> list[tuple[float, Samples]]:
        """Take the next frames, as `VoiceActivity.hear` takes each; their probabilities and lags.

        Frames that `foresee` was asked about last cost little.
        """
        ...


class VoiceActivityEngine(Engine, Protocol):
    """Voice activity detection (VAD), a detector for each stream.

    May be used from several threads at once.
    """

    def open(self) -> VoiceActivity:
        """A detector that has heard nothing yet."""
        ...
