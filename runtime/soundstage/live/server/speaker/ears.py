"""What the assistant hears: stretches of speech, how much of them lay over its own, their words."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from soundstage.live.protocol.server_events import InputTranscriptDelta
from soundstage.live.server.speaker.session_timeline import fragments_of
from soundstage.realtime import (
    LONGEST_LAG,
    PAUSE,
    InputBuffer,
    Transcribe,
    TurnDetector,
    TurnEnded,
    TurnPaused,
    TurnResumed,
    TurnSettings,
    TurnStarted,
)
from soundstage.units import FRAME_SAMPLES, Samples

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Sequence

    from soundstage.live.server.outbox import ServerOutbox
    from soundstage.realtime import JobQueue

_PREFIX: Final = TurnSettings().prefix


class Stretch(Struct):
    """One stretch of the user's speech.

    Attributes:
        start: where it begins, its prefix included.
        speech: how much of it is speech.
        overlap: how much of that lay over the assistant's own.
        end: where its last sound ends; None while it goes on.
        job: its recognition; empty before that was begun.
        text: its words, once they are known.
        cuts: whether the assistant has stopped for it.
    """

    start: Samples
    speech: Samples = 0
    overlap: Samples = 0
    end: Samples | None = None
    job: str = ""
    text: str | None = None
    cuts: bool = False


class SpeechBegan(Struct, frozen=True):
    """The user begins to speak."""


Range: TypeAlias = tuple[Samples, Samples]
"""From which a time is drawn, both ends included."""

Heard: TypeAlias = SpeechBegan | Stretch
"""What a frame means, beside more of the same: a beginning, or a stretch whose words are known."""


class Ears:
    """Cuts what is heard into stretches and has them written down.

    How long a silence ends a stretch is drawn anew for each: no listener waits equally long.

    Args:
        events: takes the transcript.
        jobs: takes what is to be recognised.
        turn_end: from which range that silence is drawn.
        stream: the random stream for it.
    """

    def __init__(
        self, events: ServerOutbox, jobs: JobQueue, turn_end: Range, stream: random.Random
    ) -> None:
        self._events = events
        self._jobs = jobs
        self._turn_end = turn_end
        self._stream = stream
        self._buffer = InputBuffer()
        self._detector = TurnDetector(self._settings())
        self._open: Stretch | None = None
        self._waiting: list[Stretch] = []

    @property
    def stretch(self) -> Stretch | None:
        """The stretch that goes on."""
        return self._open

    @property
    def is_speech_now(self) -> bool:
        """Whether the user speaks in this moment."""
        return self._open is not None and self._detector.quiet_since is None

    @property
    def is_waiting(self) -> bool:
        """Whether the words of a stretch are still being recognised."""
        return bool(self._waiting)

    def hear(self, pcm: bytes, probability: float, lag: Samples, *, over: bool) -> Heard | None:
        """One frame.

        Args:
            pcm: the frame.
            probability: how likely it is speech as far back as `lag`, 0 to 1.
            lag: how far what was judged lies behind the frame's end.
            over: whether the assistant is heard meanwhile.
        """
        self._buffer.append(pcm)
        change = self._detector.hear(probability, self._buffer.end - lag)
        if self._open is not None and probability >= self._detector.settings.threshold:
            self._open.speech += FRAME_SAMPLES
            self._open.overlap += FRAME_SAMPLES if over else 0
        match change:
            case TurnStarted():
                self._buffer.keep_from(change.start)
                self._open = Stretch(self._buffer.start)
                return SpeechBegan()
            case TurnPaused():
                self._begin_early()
            case TurnResumed():
                self._forget_early()
            case TurnEnded():
                return self._end()
            case None if self._open is None:
                self._buffer.keep_from(self._buffer.end - _PREFIX - LONGEST_LAG)
            case None:
                pass
        return None

    def foresee(self, judged: Iterable[tuple[float, Samples]], patience: Samples | None) -> int:
        """How many of the next frames mean nothing; this changes nothing.

        Args:
            judged: of each frame, how likely it is speech, as far back as which lag.
            patience: how much more speech of the stretch means something; None for any amount.
        """
        if patience is not None and patience <= 0:
            return 0
        detector, end, speech, number = copy(self._detector), self._buffer.end, 0, 0
        threshold = detector.settings.threshold
        for probability, lag in judged:
            end += FRAME_SAMPLES
            speech += FRAME_SAMPLES if probability >= threshold else 0
            if patience is not None and speech >= patience:
                return number
            if detector.hear(probability, end - lag) is not None:
                return number
            number += 1
        return number

    def hear_block(
        self, pcm: bytes, judged: Sequence[tuple[float, Samples]], *, over: bool
    ) -> None:
        """Frames that mean nothing, as was foreseen: all of them as one sound; see `hear`."""
        end, detector, stretch = self._buffer.end, self._detector, self._open
        self._buffer.append(pcm)
        for number, (probability, lag) in enumerate(judged, 1):
            detector.hear(probability, end + number * FRAME_SAMPLES - lag)
        if stretch is None:
            self._buffer.keep_from(self._buffer.end - _PREFIX - LONGEST_LAG)
            return
        threshold = detector.settings.threshold
        speech = FRAME_SAMPLES * sum(probability >= threshold for probability, _ in judged)
        stretch.speech += speech
        stretch.overlap += speech if over else 0

    def transcribed(self, job: str, text: str) -> Stretch | None:
        """The words of a job; the stretch that they are of, where it has ended."""
        text = text.strip()
        if self._open is not None and self._open.job == job:
            self._open.text = text
            return None
        for stretch in self._waiting:
            if stretch.job == job:
                self._waiting.remove(stretch)
                stretch.text = text
                return self._told(stretch)
        return None

    def _settings(self) -> TurnSettings:
        return TurnSettings(silence=max(PAUSE, self._stream.randint(*self._turn_end)))

    def _begin_early(self) -> None:
        # In the first pause already, so that the words are mostly there when the stretch is over.
        if self._open is not None:
            self._open.job = self._jobs.name()
            wanted_in = max(0, self._detector.settings.silence - PAUSE)
            self._jobs.post(
                Transcribe(self._open.job, self._open.job, self._sound(), wanted_in=wanted_in)
            )

    def _forget_early(self) -> None:
        if self._open is not None and self._open.job:
            if self._open.text is None:
                self._jobs.abandon(self._open.job)
            self._open.job, self._open.text = "", None

    def _end(self) -> Stretch | None:
        stretch, self._open = self._open, None
        if stretch is None:
            return None
        stretch.end = self._buffer.end - self._detector.settings.silence
        if not stretch.job:
            stretch.job = self._jobs.name()
            self._jobs.post(Transcribe(stretch.job, stretch.job, self._buffer.take()))
        self._buffer.clear()
        self._detector.settings = self._settings()
        if stretch.text is not None:
            return self._told(stretch)
        self._waiting.append(stretch)
        return None

    def _told(self, stretch: Stretch) -> Stretch:
        start, end = stretch.start + _PREFIX, stretch.end or stretch.start + _PREFIX
        words = (stretch.text or "").split()
        for delta, start_ms, end_ms in fragments_of(words, start, max(start, end)):
            self._events.send(InputTranscriptDelta(delta=delta, start_ms=start_ms, end_ms=end_ms))
        return stretch

    def _sound(self) -> bytes:
        """The stretch as it is recognised: with the silence of a pause, and no more."""
        quiet = self._detector.quiet_since
        end = self._buffer.end if quiet is None else min(self._buffer.end, quiet + PAUSE)
        return self._buffer.copy(self._buffer.start, end)
