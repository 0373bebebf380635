"""Text to speech (TTS) offline: hibari, in process, without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from soundstage.speech.identities import HIBARI_WEIGHTS, check_weights, hibari
from soundstage.speech.protocols import SpeechPart, WordTiming
from soundstage.speech.samples import resample, to_pcm
from soundstage.speech.tts_acoustics import EARLY, HOP, AcousticModel, shift_pitch
from soundstage.speech.tts_pronunciation import Phonemizer, assets_folder, spans_of_words
from soundstage.speech.tts_text import cut_text
from soundstage.speech.tts_voices import VOICES
from soundstage.units import SAMPLE_RATE, Samples, samples_of_ms

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from soundstage.speech.tts_acoustics import Sound
    from soundstage.speech.tts_pronunciation import Phonemes
    from soundstage.speech.tts_text import Piece
    from soundstage.speech.tts_voices import Voice

LEAD: Final[Samples] = samples_of_ms(40)
"""Kept before the first sound: the model gives 320 ms of silence."""

TAIL: Final[Samples] = samples_of_ms(100)
"""Kept after the last sound: the model gives 470 ms, in which a turn would end too early."""

GAP: Final[Samples] = samples_of_ms(180)
"""Between two sentences, shorter than the silence that ends a turn."""

SLOWEST: Final = 0.25
FASTEST: Final = 2.0

_AUDIBLE: Final = 0.008
_SAME_PITCH: Final = 0.01


class HibariSynthesizer:
    """Speaks English with ten voices, about a hundred times faster than real time.

    Args:
        assets: the folder of hibari's models; None for the installed one.

    Raises:
        WeightsMismatch: a model is not the one that was tested.
    """

    name = "hibari"

    def __init__(self, assets: Path | None = None) -> None:
        folder = assets or assets_folder()
        self.fingerprint = check_weights(folder, HIBARI_WEIGHTS, package="hibari-tts")
        identity = hibari()
        self.version, self.voices = identity.version, identity.voices
        self._phonemizer = Phonemizer(folder)
        self._model = AcousticModel((folder / "hibari.onnx").read_bytes())
        # The first run of a model is slow; do it before a listener waits.
        for _ in self.synthesize("Ready to go.", "echo"):
            pass

    def synthesize(self, text: str, voice: str, speed: float = 1.0) -> Iterator[SpeechPart]:
        """Say a text piece by piece; see `Synthesizer`. The first piece takes about 25 ms.

        More than 40 letters of one word are not said.
        """
        if voice not in VOICES:
            raise ValueError(f"no voice '{voice}': known are {', '.join(VOICES)}")
        if not SLOWEST <= speed <= FASTEST:
            raise ValueError(f"speed {speed} is not between {SLOWEST} and {FASTEST}")
        return self._parts(text, VOICES[voice], speed)

    def _parts(self, text: str, voice: Voice, speed: float) -> Iterator[SpeechPart]:
        at: Samples = 0
        for piece in cut_text(self._phonemizer.sentences(text)):
            reading = self._phonemizer.read(piece)
            if reading.is_silent:
                continue
            pause = GAP if at and piece.opens else 0
            part, length = self._part(piece, reading, voice, speed, at + pause)
            if length:
                yield SpeechPart(bytes(2 * pause) + part.pcm, part.words, part.text)
                at += pause + length

    def _part(
        self, piece: Piece, reading: Phonemes, voice: Voice, speed: float, at: Samples
    ) -> tuple[SpeechPart, Samples]:
        sound = self._model.speak(reading.symbols, speed * voice.pace / voice.formant)
        samples = _voiced(sound, voice)
        first, last = _extent(samples)

        def place(moment: float) -> Samples:
            inside = round((moment - EARLY) / voice.formant) - first
            return at + min(max(inside, 0), last - first)

        spans = spans_of_words(piece.words, reading, sound.lengths)
        words = tuple(
            WordTiming(text, place(start), place(end))
            for text, (start, end) in zip(piece.words, spans, strict=True)
        )
        pcm = to_pcm(samples[first:last])
        return SpeechPart(pcm, words, " ".join(piece.words)), last - first


def _voiced(sound: Sound, voice: Voice) -> NDArray[np.float32]:
    """The sound in this voice, as long as the model made it, divided by `formant`."""
    samples = sound.samples
    ratio = voice.pitch / voice.formant
    if abs(ratio - 1) > _SAME_PITCH:
        # Fewer periods a second hold less power: a lower voice would be a quieter one.
        samples = shift_pitch(samples, sound.pitch, HOP, ratio) / np.float32(min(ratio, 1.0))
    if voice.formant != 1:
        samples = resample(samples, SAMPLE_RATE * voice.formant, SAMPLE_RATE)
    return samples


def _extent(samples: NDArray[np.float32]) -> tuple[int, int]:
    """Where to cut so that little silence is left at both ends; the same twice if all is."""
    audible = np.flatnonzero(np.abs(samples) > _AUDIBLE)
    if not len(audible):
        return 0, 0
    return max(0, int(audible[0]) - LEAD), min(len(samples), int(audible[-1]) + TAIL)
