"""hibari: a distilled neural voice of 8 MB, shaped into ten."""

from __future__ import annotations

import re
import threading
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import soxr
from hibari import Hibari, dsp

from soundstage.audio import to_pcm
from soundstage.speech._protocols import SpeechPart, WordTiming
from soundstage.speech._psola import shift_pitch
from soundstage.speech._voices import SHAPES, Shape
from soundstage.speech._weights import checked, package_file
from soundstage.units import SAMPLE_RATE, Samples, samples_of_ms

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

WEIGHTS: Final = "5f70741d4e900f4e85d0037498736cc1b3e1b9a63a13546a5da1e63abf4fccd8"
LONGEST_TEXT: Final = 4000
"""Characters; a text without spaces would otherwise become minutes of sound."""

_LEAD: Samples = samples_of_ms(40)
_TAIL: Samples = samples_of_ms(100)
_GAP: Samples = samples_of_ms(180)
"""Silence between two sentences: short enough for a turn detector to hear one turn."""

_AUDIBLE = 0.008
_HOP = 300
_FIRST_PART = 60
"""Characters of the first part: what is longer is cut at a comma, to be heard sooner."""


class HibariSynthesizer:
    """Text to speech with one voice in ten shapes.

    Args:
        weights: the model file; the installed one where it is None.

    Raises:
        EngineMissing: the package is not there.
        WeightsMismatch: the model is not the one that was tested.
    """

    name = "hibari"

    def __init__(self, weights: Path | None = None) -> None:
        path = weights or package_file("hibari", "hibari.onnx")
        checked(path, WEIGHTS)
        self.version = version("hibari-tts")
        self.fingerprint = WEIGHTS
        self.voices = tuple(SHAPES)
        self._engine: Any = Hibari(threads=1)
        self._lock = threading.Lock()

    def synthesize(self, text: str, voice: str, speed: float = 1.0) -> Iterator[SpeechPart]:
        """Speak a text, a sentence at a time; the first one is cut at a comma if it is long."""
        shape = SHAPES[voice]
        start: Samples = 0
        pieces = _pieces(text[:LONGEST_TEXT])
        for number, piece in enumerate(pieces):
            pcm, voiced = self._speak(piece, shape, speed)
            if not len(pcm):
                continue
            if number + 1 < len(pieces):
                pcm = np.concatenate([pcm, np.zeros(_GAP, np.float32)])
            words = _timings(piece, start + _LEAD, start + _LEAD + voiced)
            yield SpeechPart(to_pcm(pcm), words, piece)
            start += len(pcm)

    def _speak(
        self, text: str, shape: Shape, speed: float
    ) -> tuple[NDArray[np.float32], Samples]:
        """One sentence, its silence trimmed, and how long its sound is."""
        made: list[NDArray[np.float32]] = []
        # The grapheme-to-phoneme part keeps state; the model itself is safe in any thread.
        with self._lock:
            phonemes = list(self._engine.phonemize(text))
        for phoneme in phonemes:
            made.append(self._render(phoneme, shape, speed))
        if not made:
            return np.zeros(0, np.float32), 0
        samples = np.concatenate(made)
        audible = np.flatnonzero(np.abs(samples) > _AUDIBLE)
        if not len(audible):
            return np.zeros(0, np.float32), 0
        first, last = int(audible[0]), int(audible[-1])
        lead = np.zeros(max(0, _LEAD - first), np.float32)
        tail = samples[max(0, first - _LEAD) : last + _TAIL]
        return np.concatenate([lead, tail]), last - first

    def _render(self, phonemes: str, shape: Shape, speed: float) -> NDArray[np.float32]:
        rate = speed * shape.rate / shape.formant
        ids = np.asarray([self._engine.ids(phonemes)], np.int64)
        inputs = {"ids": ids, "speed": np.asarray([rate], np.float32)}
        *spectra, f0 = (output[0] for output in self._engine.sess.run(None, inputs))
        # A fixed seed makes the noise in the voice, and with it every byte, the same each time.
        noise = np.random.default_rng(0)  # noqa: TID251 - as said above
        samples = np.asarray(dsp.synth(*spectra, f0, noise), np.float32)
        if abs(shape.pitch / shape.formant - 1) > 0.01:  # noqa: PLR2004 - a change nobody hears
            ratio = shape.pitch / shape.formant
            samples = shift_pitch(samples, f0, ratio, hop=_HOP, rate=SAMPLE_RATE)
        if shape.formant != 1:
            samples = soxr.resample(samples, shape.formant * SAMPLE_RATE, SAMPLE_RATE)
        return np.asarray(samples, np.float32)


def _pieces(text: str) -> list[str]:
    """The sentences; the first one in two where it is long and has a comma."""
    sentences = [piece.strip() for piece in re.split(r"(?<=[.!?…])\s+", text) if piece.strip()]
    if sentences and len(sentences[0]) > _FIRST_PART:
        head, comma, rest = sentences[0].partition(", ")
        if comma and rest:
            sentences[:1] = [head + ",", rest]
    return sentences


def _timings(text: str, start: Samples, end: Samples) -> tuple[WordTiming, ...]:
    """Where each word sounds, in proportion to its letters: the model gives no durations."""
    words = text.split()
    weights = [len(re.sub(r"\W", "", word)) + 1 + 2 * word.endswith((",", ";")) for word in words]
    total, at = sum(weights) or 1, start
    timed: list[WordTiming] = []
    passed = 0
    for word, weight in zip(words, weights, strict=True):
        passed += weight
        until = start + (end - start) * passed // total
        timed.append(WordTiming(word, at, until))
        at = until
    return tuple(timed)
