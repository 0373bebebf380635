"""The speech of one agent that belongs to no reply of it: where it begins and ends."""

from __future__ import annotations

from collections import deque
from itertools import repeat
from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct

from soundstage.audio import AUDIBLE_PEAK, is_audible
from soundstage.realtime import TurnDetector, TurnEnded, TurnPaused, TurnSettings, TurnStarted
from soundstage.units import (
    FRAME_SAMPLES,
    FRAMES_PER_SECOND,
    SAMPLE_BYTES,
    SILENCE,
    Samples,
    samples_of_ms,
    samples_of_seconds,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from soundstage.speech import VoiceActivity

LONG: Final[Samples] = samples_of_seconds(45)
"""A stretch that has lasted so long ends at the next pause, however short that is."""

LONGEST: Final[Samples] = samples_of_seconds(110)
"""A stretch that has lasted so long ends at once."""

REPLY_KEPT: Final = 120 * FRAMES_PER_SECOND
"""Frames of a reply that are kept, in case that what was played of it is not known: two minutes."""

TOLD_LATE: Final[Samples] = samples_of_ms(300)
"""How long after its first sound an agent may tell of a reply: on the wall clock the sound and the
event travel separately."""


class Stretch(Struct, frozen=True):
    """Speech that has ended.

    Attributes:
        start: its first audible sample, in samples of the run.
        end: one past its last audible sample.
        pcm: its sound and a little around it, 24 kHz mono signed 16-bit.
    """

    start: Samples
    end: Samples
    pcm: bytes


class LoudnessActivity:
    """Takes every audible frame for speech: for a run that has no voice activity engine."""

    lag: Samples = 0
    at_start = True

    def hear(self, pcm: bytes) -> float:
        """The probability of speech in the next frame: 1 where it is audible, else 0."""
        return float(is_audible(pcm, AUDIBLE_PEAK - 1))


class UntoldSpeech:
    """Follows what one agent sends, frame by frame.

    Args:
        listen: opens a stream of voice activity; called when there is something to listen to.
    """

    def __init__(self, listen: Callable[[], VoiceActivity]) -> None:
        self._listen = listen
        self._activity: VoiceActivity | None = None
        self._detector = TurnDetector(TurnSettings())
        self._frames: deque[tuple[Samples, bytes]] = deque()
        self._since: Samples = 0
        self._reply: deque[tuple[Samples, bytes]] = deque(maxlen=REPLY_KEPT)
        self._replies = False
        self._told_until: Samples = 0

    @property
    def rests(self) -> bool:
        """Whether a frame of silence would change nothing."""
        return self._activity is None and not self._replies

    def hear(self, pts: Samples, pcm: bytes) -> Stretch | None:
        """Take the next frame; returns the stretch that ended with it."""
        if self._replies or pts < self._told_until:
            self._reply.append((pts, pcm))
            return None
        if self._activity is None:
            if pcm is SILENCE:
                return None
            self._activity = self._listen()
        self._frames.append((pts, pcm))
        probability = self._activity.hear(pcm)
        end = pts + FRAME_SAMPLES - self._activity.lag
        change = self._detector.hear(probability, end)
        if isinstance(change, TurnStarted):
            self._since = change.start
        elif isinstance(change, TurnEnded):
            return self._cut(end - self._detector.settings.silence)
        elif self._detector.speaking and self._is_long_enough(end, isinstance(change, TurnPaused)):
            return self._cut(end)
        if not self._detector.speaking:
            self._forget_before(end - self._detector.settings.prefix)
            if pcm is SILENCE and self._activity.at_start:
                self._rest()
        return None

    def only_keeps(self, last: Samples, *, silent: bool) -> bool:
        """Whether frames up to this time would only be kept, and not be looked at."""
        return self._replies or last < self._told_until or (silent and self._activity is None)

    def keep(self, pts: Samples, ticks: int, frames: Sequence[bytes] | None) -> None:
        """Frames that are not looked at; None where all are silence."""
        if not (self._replies or pts < self._told_until):
            return
        times, skips = range(pts, pts + ticks * FRAME_SAMPLES, FRAME_SAMPLES), self.rests
        self._reply.extend(
            (at, pcm)
            for at, pcm in zip(times, frames or repeat(SILENCE), strict=False)
            if not (skips and pcm is SILENCE)
        )

    def reply_began(self, pts: Samples) -> Stretch | None:
        """The agent tells of a reply whose first frame is at `pts`; returns what ended there."""
        own = self._since + self._detector.settings.prefix < pts - TOLD_LATE
        stretch = self._cut(pts) if self._detector.speaking and own else None
        self._reply.clear()
        # Of what came before the event, this much may be the reply's own.
        self._reply.extend(frame for frame in self._frames if frame[0] >= pts)
        self._rest()
        self._replies = True
        return stretch

    def reply_ended(self, end: Samples) -> None:
        """The reply has been told up to `end`, one past its last frame."""
        self._replies = False
        self._told_until = max(self._told_until, end)

    def reply_sound(self, start: Samples, end: Samples) -> bytes:
        """The sound of the reply that was told last; empty where its beginning is not kept."""
        if not self._reply or self._reply[0][0] > start + TOLD_LATE:
            return b""
        return b"".join(pcm for pts, pcm in self._reply if start <= pts < end)

    def flush(self) -> Stretch | None:
        """No frame comes any more; returns the stretch that was going on."""
        if not (self._detector.speaking and self._frames):
            return None
        return self._cut(self._frames[-1][0] + FRAME_SAMPLES)

    def _is_long_enough(self, end: Samples, is_paused: bool) -> bool:  # noqa: FBT001 - one of two
        return end - self._since >= (LONG if is_paused else LONGEST)

    def _rest(self) -> None:
        self._activity = None
        self._detector.reset()
        self._frames.clear()

    def _cut(self, end: Samples) -> Stretch | None:
        self._detector.reset()
        self._forget_before(self._since)
        if not self._frames:
            return None
        start = self._frames[0][0]
        frames = [pcm for pts, pcm in self._frames if pts < end + self._detector.settings.prefix]
        pcm = b"".join(frames)
        # What comes from here on is no part of it.
        self._frames = deque(frame for frame in self._frames if frame[0] >= end)
        samples = np.frombuffer(pcm[: max(0, end - start) * SAMPLE_BYTES], "<i2").astype(np.int32)
        audible = np.flatnonzero(np.abs(samples) >= AUDIBLE_PEAK)
        if not audible.size:
            return None
        return Stretch(start + int(audible[0]), start + int(audible[-1]) + 1, pcm)

    def _forget_before(self, pts: Samples) -> None:
        while self._frames and self._frames[0][0] < pts:
            self._frames.popleft()
