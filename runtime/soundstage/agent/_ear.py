"""How an agent of one's own hears words: turns found by voice activity, then recognised."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from msgspec import Struct

from soundstage.agent._attribution import Attribution
from soundstage.config.values import normalize
from soundstage.messages import Heard
from soundstage.realtime import TurnDetector, TurnEnded, TurnSettings, TurnStarted
from soundstage.units import FRAME_SAMPLES, FRAMES_PER_SECOND, Samples

if TYPE_CHECKING:
    from soundstage.messages import Frame
    from soundstage.speech import VoiceActivity

LONGEST = 120 * FRAMES_PER_SECOND
"""Frames of one turn that are kept; the oldest go first."""


class Utterance(Struct, frozen=True):
    """A turn that has ended, ready to be recognised.

    Attributes:
        pcm: its sound.
        speaker: who was loudest in it.
        start: when it began, in samples of the run.
        end: when it ended.
    """

    pcm: bytes
    speaker: str
    start: Samples
    end: Samples

    def heard(self, text: str) -> Heard:
        """The message for the agent, once the words are known."""
        return Heard(self.speaker, text, normalize(text), self.start, self.end)


class Ear:
    """Cuts what an agent hears into utterances.

    Args:
        activity: the probability of speech, frame by frame.
    """

    def __init__(self, activity: VoiceActivity) -> None:
        self._activity = activity
        self._detector = TurnDetector(TurnSettings())
        self._attribution = Attribution()
        self._frames: deque[Frame] = deque(maxlen=LONGEST)
        self._start: Samples = 0

    def hear(self, frame: Frame) -> Utterance | None:
        """One frame of the agent's mix; returns the utterance that ended with it."""
        self._attribution.note(frame.pts, frame.speakers)
        self._frames.append(frame)
        probability = self._activity.hear(frame.pcm)
        end = frame.pts + FRAME_SAMPLES - self._activity.lag
        change = self._detector.hear(probability, end)
        if isinstance(change, TurnStarted):
            self._start = change.start
        elif isinstance(change, TurnEnded):
            return self._cut(end)
        if not self._detector.speaking:
            self._forget_before(end - self._detector.settings.prefix)
        return None

    def _cut(self, end: Samples) -> Utterance:
        self._forget_before(self._start)
        pcm = b"".join(frame.pcm for frame in self._frames)
        speaker = self._attribution.who(self._start, end)
        self._frames.clear()
        return Utterance(pcm, speaker, self._start, end - self._detector.settings.silence)

    def _forget_before(self, pts: Samples) -> None:
        while self._frames and self._frames[0].pts < pts:
            self._frames.popleft()
