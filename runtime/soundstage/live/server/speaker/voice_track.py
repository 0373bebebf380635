"""What the assistant says: one utterance after the other, frame by frame, silence between them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from soundstage.live.protocol.server_events import OutputTranscriptDelta
from soundstage.live.server.speaker.session_timeline import FRAGMENT
from soundstage.realtime import Speak, SpokenText
from soundstage.units import FRAME_BYTES, FRAME_SAMPLES, SAMPLE_BYTES, SILENCE, ms_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soundstage.live.server.outbox import ServerOutbox
    from soundstage.live.server.session_history import History
    from soundstage.live.server.speaker.session_timeline import Timeline
    from soundstage.realtime import JobQueue, Part


class _Utterance:
    """Words that are to be said.

    Attributes:
        job: makes their sound.
        text: the words, and how much of them was heard.
        pcm: their sound that was not played yet.
        played: bytes that were.
        told: letters whose transcript was told.
        part: where the history has them, from the first frame on; None of a backchannel.
    """

    def __init__(self, job: str, text: str, *, remembered: bool) -> None:
        self.job = job
        self.text = SpokenText(text)
        self.pcm = bytearray()
        self.played = 0
        self.told = 0
        self.remembered = remembered
        self.part: Part | None = None

    @property
    def is_over(self) -> bool:
        return self.text.complete and not self.pcm

    def heard(self) -> str:
        """The words that were heard since this was last asked."""
        said = self.text.until(self.played // SAMPLE_BYTES)
        new, self.told = said[self.told :], max(self.told, len(said))
        return new

    def foresee(self, most: int) -> list[bytes]:
        """The next frames, as long as giving them changes nothing else; this changes nothing."""
        if self.is_over:
            return []
        if len(self.pcm) < FRAME_BYTES:
            # The last frame is a short one; or its sound is still being made.
            return [] if self.text.complete else [SILENCE] * most
        if not self.played:
            return []
        whole = min(most, len(self.pcm) // FRAME_BYTES) * FRAME_BYTES
        sound = bytes(self.pcm[:whole])
        return [sound[at : at + FRAME_BYTES] for at in range(0, whole, FRAME_BYTES)]

    def skip(self, frames: list[bytes]) -> None:
        """These frames were played."""
        if frames[0] is not SILENCE:
            del self.pcm[: len(frames) * FRAME_BYTES]
            self.played += len(frames) * FRAME_BYTES

    def tells_after(self, frames: int) -> bool:
        """Whether new words are heard within so many frames."""
        played = self.played + (frames * FRAME_BYTES if len(self.pcm) >= FRAME_BYTES else 0)
        return len(self.text.until(played // SAMPLE_BYTES)) > self.told


class VoiceTrack:
    """The continuous track of the assistant's voice.

    Args:
        timeline: where the session is.
        events: takes the transcript.
        jobs: takes what is to be synthesised.
        history: learns what was heard.
        voice: its name.
    """

    def __init__(
        self,
        timeline: Timeline,
        events: ServerOutbox,
        jobs: JobQueue,
        history: History,
        voice: str,
    ) -> None:
        self._timeline = timeline
        self._events = events
        self._jobs = jobs
        self._history = history
        self._voice = voice
        self._queue: deque[_Utterance] = deque()
        self._untold = ""

    @property
    def is_busy(self) -> bool:
        """Whether anything is said, or waits to be said."""
        return bool(self._queue)

    @property
    def is_heard(self) -> bool:
        """Whether an utterance has begun and is not over."""
        return bool(self._queue) and self._queue[0].played > 0

    def say(self, text: str, *, remembered: bool = True) -> None:
        """Say something after what waits to be said; a backchannel is not remembered."""
        if text.strip():
            job = self._jobs.name()
            self._queue.append(_Utterance(job, text.strip(), remembered=remembered))
            self._jobs.post(Speak(job, job, text.strip(), self._voice, 1.0))

    def stop(self) -> None:
        """Say nothing more of what is being said, and of what waits."""
        for utterance in self._queue:
            if not utterance.text.complete:
                self._jobs.abandon(utterance.job)
        if self._queue:
            self._note(self._queue[0])
        self._queue.clear()

    def spoken(
        self, job: str, pcm: bytes, words: Sequence[tuple[str, int, int]], text: str
    ) -> None:
        """The next part of an utterance's sound."""
        utterance = self._find(job)
        if utterance is not None:
            utterance.pcm += pcm
            utterance.text.add(words, len(pcm) // SAMPLE_BYTES, text)

    def spoken_all(self, job: str) -> None:
        """An utterance's sound is all there."""
        utterance = self._find(job)
        if utterance is not None:
            utterance.text.complete = True

    def drop(self, job: str) -> bool:
        """An utterance could not be made; whether there was one."""
        utterance = self._find(job)
        if utterance is None:
            return False
        utterance.pcm.clear()
        utterance.text.duration = utterance.played // SAMPLE_BYTES
        utterance.text.text = utterance.text.until(utterance.text.duration)
        utterance.text.complete = True
        return True

    def frame(self) -> bytes:
        """The next 20 ms; `SILENCE` itself where nothing is said."""
        while self._queue and self._queue[0].is_over:
            self._note(self._queue.popleft())
        if not self._queue:
            return SILENCE
        utterance = self._queue[0]
        if len(utterance.pcm) < FRAME_BYTES and not utterance.text.complete:
            # Its sound is still being made.
            return SILENCE
        frame = bytes(utterance.pcm[:FRAME_BYTES])
        del utterance.pcm[:FRAME_BYTES]
        utterance.played += len(frame)
        if utterance.part is None and utterance.remembered:
            utterance.part = self._history.begin_assistant()
        return frame.ljust(FRAME_BYTES, b"\0")

    def foresee(self, most: int) -> list[bytes]:
        """The next frames, as long as `frame` and `tell` do nothing else; this changes nothing."""
        utterance = self._queue[0] if self._queue else None
        frames = [SILENCE] * most if utterance is None else utterance.foresee(most)
        count = len(frames)
        for boundary in range(self._timeline.to_boundary, count + 1, FRAGMENT // FRAME_SAMPLES):
            if self._untold or (utterance is not None and utterance.tells_after(boundary)):
                return frames[: boundary - 1]
        return frames

    def skip(self, ticks: int) -> list[bytes]:
        """The frames of so many ticks, as they were foreseen."""
        if not self._queue:
            return [SILENCE] * ticks
        frames = self._queue[0].foresee(ticks)
        self._queue[0].skip(frames)
        return frames

    def tell(self) -> None:
        """Tell the transcript of the fragment that ends here."""
        if not self._timeline.at_boundary:
            return
        if self._queue:
            self._note(self._queue[0])
        if self._untold:
            end = self._timeline.position
            told, self._untold = self._untold, ""
            self._events.send(
                OutputTranscriptDelta(delta=told, start_ms=ms_of(end - FRAGMENT), end_ms=ms_of(end))
            )

    def _note(self, utterance: _Utterance) -> None:
        words = utterance.heard()
        if not words:
            return
        if utterance.part is not None:
            utterance.part.text = f"{utterance.part.text or ''}{words}"
        # Two utterances in one fragment are still two.
        parted = self._untold and not words.startswith(" ")
        self._untold += f" {words}" if parted else words

    def _find(self, job: str) -> _Utterance | None:
        return next((each for each in self._queue if each.job == job), None)
