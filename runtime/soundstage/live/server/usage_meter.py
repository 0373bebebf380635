"""What a session costs, which is the time it lasts, and when it rests to cost less."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from soundstage.live.protocol.server_events import (
    ContextWindow,
    SessionPaused,
    SessionResumed,
    Usage,
    UsageUpdated,
)
from soundstage.units import FRAME_SAMPLES, Samples, samples_of_seconds, seconds_of

if TYPE_CHECKING:
    from soundstage.live.server.outbox import ServerOutbox
    from soundstage.live.server.session_config import SessionConfig
    from soundstage.live.server.speaker.session_timeline import Timeline

EVERY: Final[Samples] = samples_of_seconds(60)
"""How often the usage is told: about once a minute, says the guide."""

_CONTEXT_SECONDS: Final = 7200
"""How much talk fills the memory; a stand-in has none to fill, and counts time."""

_SPEECH: Final = 0.5


class UsageMeter:
    """Counts the time, and pauses a call that may be paused.

    Args:
        events: takes what it tells.
        timeline: where the session is.
        config: says whether and when it rests.

    Attributes:
        latest: the last time it was told of.
    """

    def __init__(self, events: ServerOutbox, timeline: Timeline, config: SessionConfig) -> None:
        self._events = events
        self._timeline = timeline
        idle, wake = config.fields.idle_timeout_s, config.fields.wake_policy
        self._idle = None if idle is None else samples_of_seconds(idle)
        self._threshold = _SPEECH if wake is None else wake.vad_threshold
        self._began: Samples = 0
        self._stirred: Samples = 0
        self._told: Samples = 0
        self._paused: Samples = 0
        self._paused_at: Samples | None = None
        self.latest: Samples = 0

    def begin(self, now: Samples) -> None:
        """The session begins."""
        self._began = self._stirred = self._told = self.latest = now

    def stir(self, now: Samples) -> None:
        """Something happens: the session is awake."""
        self._stirred = self.latest = now
        if self._paused_at is not None:
            self._paused += now - self._paused_at
            self._paused_at = None
            self._events.send(SessionResumed())

    def rests(self, probability: float, now: Samples) -> bool:
        """Whether the session rests, when a frame is heard with this probability of speech."""
        if self._idle is None:
            return False
        if probability >= self._threshold:
            self.stir(now)
        elif self._paused_at is None and now - self._stirred >= self._idle:
            self._paused_at = now
            self._events.send(SessionPaused())
        return self._paused_at is not None

    def tick(self, now: Samples) -> None:
        """Time has passed: tell the usage once a minute."""
        self.latest = now
        if now - self._told >= EVERY:
            self._told += EVERY
            full = min(1.0, seconds_of(self._timeline.position) / _CONTEXT_SECONDS)
            window = ContextWindow(usage_ratio=round(full, 4))
            self._events.send(UsageUpdated(usage=self.total(now), context_window=window))

    def foresee(self, now: Samples) -> int:
        """In how many ticks from this time on nothing is told; none where it may rest."""
        return 0 if self._idle is not None else (self._told + EVERY - now) // FRAME_SAMPLES

    def skip(self, now: Samples) -> None:
        """Time has passed up to here, in which nothing was to be told."""
        self.latest = now

    def total(self, now: Samples) -> Usage:
        """What the session has cost so far."""
        seconds = round(seconds_of(now - self._began), 3)
        if self._idle is None:
            return Usage(seconds=seconds)
        since = 0 if self._paused_at is None else now - self._paused_at
        paused = int(seconds_of(self._paused + since))
        return Usage(seconds=seconds, active_seconds=int(seconds) - paused, paused_seconds=paused)
