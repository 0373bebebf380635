"""Engines whose results are looked at: what an engine raises, or gives that is none, is its fault.

Otherwise the agent would be blamed that speaks or listens with it, although it did nothing wrong.
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, cast

from soundstage.errors import EngineFailed, SoundstageError, error_text, is_interrupt
from soundstage.speech.protocols import Recognition, SpeechPart, WordTiming
from soundstage.units import SAMPLE_BYTES, SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from soundstage.speech.protocols import (
        Engine,
        Recognizer,
        Synthesizer,
        VoiceActivity,
        VoiceActivityEngine,
    )
    from soundstage.units import Samples

_SLOWEST: Final = 0.25
_FASTEST: Final = 1.5
"""The paces that the Realtime API knows: an engine may refuse any other."""

_LONGEST: Final = 60.0
"""Seconds of speech that any text may take, however short."""

_LONGEST_CHARACTER: Final = 2.0
"""Seconds that each character may add: ten times what the slowest voice needs."""


class _Checked:
    """What every engine says of itself."""

    def __init__(self, engine: Engine) -> None:
        self.name = engine.name
        self.version = engine.version
        self.fingerprint = engine.fingerprint


class CheckedSynthesizer(_Checked):
    """A synthesizer that gives parts of speech, and comes to an end; see `Synthesizer`."""

    def __init__(self, engine: Synthesizer) -> None:
        super().__init__(engine)
        self._engine = engine
        self.voices = engine.voices

    def synthesize(self, text: str, voice: str, speed: float = 1.0) -> Iterator[SpeechPart]:
        """Say a text.

        Raises:
            ValueError: the voice is unknown or the speed is out of range.
            EngineFailed: it raised something, gave what is no part of speech, or did not end.
        """
        # Only where it was asked for what it may refuse.
        refuses = voice not in self.voices or not _SLOWEST <= speed <= _FASTEST
        allowed = (ValueError,) if refuses else ()
        with _blamed(self.name, allowed):
            parts = iter(self._engine.synthesize(text, voice, speed))
        longest = (_LONGEST + _LONGEST_CHARACTER * len(text)) / min(max(speed, _SLOWEST), 1.0)
        return self._checked(parts, len(text), longest, allowed)

    def _checked(
        self,
        parts: Iterator[SpeechPart],
        characters: int,
        longest: float,
        allowed: tuple[type[Exception], ...],
    ) -> Iterator[SpeechPart]:
        length = 0
        while True:
            with _blamed(self.name, allowed):
                part = next(parts, None)
            if part is None:
                return
            fault = _fault_of_part(part)
            length += 0 if fault else len(part.pcm)
            if length > longest * SAMPLE_RATE * SAMPLE_BYTES:
                fault = f"more than {longest:.0f} s of speech for {characters} characters"
            if fault:
                raise EngineFailed(f"the engine {self.name} gave {fault}")
            yield part


class CheckedRecognizer(_Checked):
    """A recogniser that gives recognitions; see `Recognizer`."""

    def __init__(self, engine: Recognizer) -> None:
        super().__init__(engine)
        self._engine = engine

    def recognize(self, pcm: bytes) -> Recognition:
        """Find the words in 24 kHz mono signed 16-bit samples.

        Raises:
            EngineFailed: it raised something, or gave what is no recognition.
        """
        with _blamed(self.name):
            found = self._engine.recognize(pcm)
        told = cast("Any", found)
        text: Any = told.text if isinstance(told, Recognition) else None
        if not isinstance(text, str):
            raise EngineFailed(f"the engine {self.name} gave {_kind(told)}, no recognition")
        return found


class CheckedVoiceActivityEngine(_Checked):
    """Voice activity that gives probabilities; see `VoiceActivityEngine`."""

    def __init__(self, engine: VoiceActivityEngine) -> None:
        super().__init__(engine)
        self._engine = engine

    def open(self) -> VoiceActivity:
        """A detector that has heard nothing yet.

        Raises:
            EngineFailed: it raised something.
        """
        with _blamed(self.name):
            return CheckedVoiceActivity(self._engine.open(), self.name)


class CheckedVoiceActivity:
    """The voice activity of one stream; see `VoiceActivity`."""

    def __init__(self, detector: VoiceActivity, name: str) -> None:
        self._detector = detector
        self._name = name

    @property
    def lag(self) -> Samples:
        """See `VoiceActivity.lag`."""
        with _blamed(self._name):
            return self._detector.lag

    @property
    def at_start(self) -> bool:
        """See `VoiceActivity.at_start`."""
        with _blamed(self._name):
            return self._detector.at_start

    def hear(self, pcm: bytes) -> float:
        """Take the next 20 ms frame; the probability of speech now, 0 to 1.

        Raises:
            EngineFailed: it raised something, or gave what is no probability.
        """
        with _blamed(self._name):
            found = self._detector.hear(pcm)
        told = cast("Any", found)
        if not isinstance(told, int | float) or not math.isfinite(told) or not 0 <= told <= 1:
            raise EngineFailed(f"the engine {self._name} gave {_kind(told)}, no probability")
        return found


@contextmanager
def _blamed(name: str, allowed: tuple[type[Exception], ...] = ()) -> Generator[None]:
    """Whatever else is raised in the block is the engine's fault, `sys.exit` included."""
    passes: tuple[type[Exception], ...] = (SoundstageError, *allowed)
    try:
        yield
    except passes:
        raise
    except BaseException as error:
        if is_interrupt(error):
            raise
        raise EngineFailed(f"the engine {name} raised {error_text(error)}") from error


def _fault_of_part(part: Any) -> str:
    """What is wrong with a part of speech; empty where nothing is."""
    if not isinstance(part, SpeechPart):
        return f"{_kind(part)}, no part of speech"
    pcm, words = cast("Any", part.pcm), cast("Any", part.words)
    if not isinstance(pcm, bytes) or len(pcm) % SAMPLE_BYTES:
        return f"{_kind(pcm)} in place of 16-bit samples"
    if not isinstance(words, tuple) or not all(isinstance(each, WordTiming) for each in words):
        return f"{_kind(words)} in place of the times of its words"
    return ""


def _kind(value: object) -> str:
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return f"{value}" if isinstance(value, float) else f"a {type(value).__name__}"
