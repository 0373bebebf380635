"""How an agent of one's own hears words: turns found by voice activity, then recognised."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING

from msgspec import Struct

from soundstage.config.values import normalize
from soundstage.messages import Heard
from soundstage.realtime import PAUSE, TurnDetector, TurnEnded, TurnSettings, TurnStarted
from soundstage.units import FRAME_SAMPLES, FRAMES_PER_SECOND, SAMPLE_BYTES, Samples

if TYPE_CHECKING:
    from soundstage.messages import Frame
    from soundstage.speech import VoiceActivity

LONGEST = 120 * FRAMES_PER_SECOND
"""Frames of one turn that are kept; the oldest go first."""

REMEMBERED = 120 * FRAMES_PER_SECOND
"""Frames looked back: two minutes, longer than any turn that is recognised in one piece."""


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


class _Stretch(Struct, gc=False):
    """Frames after one another in which one agent was loudest.

    Attributes:
        start: of its first frame.
        end: of its last frame.
        name: the agent.
        is_voice: whether it spoke; otherwise it was only audible.
    """

    start: Samples
    end: Samples
    name: str
    is_voice: bool

    def frames(self, start: Samples, end: Samples) -> int:
        """How many of its frames begin in the time from `start` to before `end`."""
        first = max(0, -(-(start - self.start) // FRAME_SAMPLES))
        behind = -(-(min(end, self.end) - self.start) // FRAME_SAMPLES)
        return max(0, behind - first)


class SpeakerTracker:
    """Remembers the loudest voice of each frame that was audible; without a voice, who was loudest.

    Attributes:
        latest: the agent that was remembered last; empty before the first.
    """

    def __init__(self) -> None:
        self._stretches: deque[_Stretch] = deque()
        self._frames = 0
        self.latest = ""

    def note(self, pts: Samples, speakers: tuple[str, ...], voices: tuple[str, ...] = ()) -> None:
        """Keep who was audible in the frame at `pts`, and who of them spoke, the loudest first."""
        if not speakers:
            return
        self.latest = name = (voices or speakers)[0]
        is_voice = bool(voices)
        last = self._stretches[-1] if self._stretches else None
        if last is not None and (last.end, last.name, last.is_voice) == (pts, name, is_voice):
            last.end += FRAME_SAMPLES
        else:
            self._stretches.append(_Stretch(pts, pts + FRAME_SAMPLES, name, is_voice))
        self._frames += 1
        oldest = self._stretches[0]
        frames = (oldest.end - oldest.start) // FRAME_SAMPLES
        if self._frames - frames >= REMEMBERED:
            self._stretches.popleft()
            self._frames -= frames

    def who(self, start: Samples, end: Samples) -> str:
        """The one whose voice was loudest in most frames of the stretch.

        Where no voice was found in it, the one who was loudest; empty where none was audible.
        """
        within: list[_Stretch] = []
        for each in reversed(self._stretches):
            if each.end <= start:
                break
            within.append(each)
        voices: Counter[str] = Counter()
        names: Counter[str] = Counter()
        for each in reversed(within):  # of two who were as long loudest, the first one counts
            if frames := each.frames(start, end):
                names[each.name] += frames
                if each.is_voice:
                    voices[each.name] += frames
        count = voices or names
        return count.most_common(1)[0][0] if count else ""


class UtteranceDetector:
    """Cuts what an agent hears into utterances.

    Each has a whole prefix, and of the silence that ended it as much as a session has recognised:
    all who hear a turn have the same samples recognised.

    Args:
        activity: the probability of speech, frame by frame.
    """

    def __init__(self, activity: VoiceActivity) -> None:
        self._activity = activity
        self._detector = TurnDetector(TurnSettings())
        self._speakers = SpeakerTracker()
        self._frames: deque[Frame] = deque(maxlen=LONGEST)
        self._start: Samples = 0

    def hear(self, frame: Frame) -> TurnStarted | Utterance | None:
        """One frame of the agent's mix; returns what was noticed with it.

        That is that an utterance has begun, or the utterance that has ended.
        """
        self._speakers.note(frame.pts, frame.speakers, frame.voices)
        self._frames.append(frame)
        probability = self._activity.hear(frame.pcm)
        end = frame.pts + FRAME_SAMPLES - self._activity.lag
        quiet = self._detector.quiet_since
        change = self._detector.hear(probability, end)
        if isinstance(change, TurnStarted):
            self._start = change.start
            return change
        if isinstance(change, TurnEnded):
            return self._cut(end, end if quiet is None else quiet + PAUSE)
        if not self._detector.speaking:
            self._forget_before(end - self._detector.settings.prefix - 2 * FRAME_SAMPLES)
        return None

    def _cut(self, end: Samples, sound_end: Samples) -> Utterance:
        pcm = self._sound(self._start, sound_end)
        speaker = self._speakers.who(self._start, end)
        self._frames.clear()
        return Utterance(pcm, speaker, self._start, end - self._detector.settings.silence)

    def _sound(self, start: Samples, end: Samples) -> bytes:
        """What was heard from `start` to `end`; silence for what belonged to the turn before."""
        self._forget_before(start - FRAME_SAMPLES + 1)
        pcm = bytearray()
        for frame in self._frames:
            first, past = max(0, start - frame.pts), max(0, end - frame.pts)
            pcm += frame.pcm[first * SAMPLE_BYTES : past * SAMPLE_BYTES]
        unheld = max(0, self._frames[0].pts - start) if self._frames else 0
        return bytes(min(unheld, self._detector.settings.prefix) * SAMPLE_BYTES) + bytes(pcm)

    def _forget_before(self, pts: Samples) -> None:
        while self._frames and self._frames[0].pts < pts:
            self._frames.popleft()
