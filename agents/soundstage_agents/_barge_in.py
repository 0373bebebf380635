"""Barge-in: whether speech over an agent's own is meant to interrupt it, and how the agent stops.

A session that decides for itself (`backchannel` is not set) stops its reply on its own: the agent
learns of it by `output_audio_buffer.cleared`. Otherwise the agent decides. Either way it stops at
once what is on its way to the mixer, and then learns, or estimates, what was heard of the reply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from soundstage.units import FRAME_SAMPLES, samples_of_ms, samples_of_seconds

if TYPE_CHECKING:
    from soundstage.agent import Port
    from soundstage.messages.events import Event
    from soundstage.realtime import ClientSession
    from soundstage.units import Samples
    from soundstage_agents._reply_playback import ReplyPlayback
    from soundstage_agents._session_event_log import SessionEventLog

PAUSE: Final = samples_of_ms(200)
"""A gap up to this long does not end a stretch of sound: the one within "mm-hm"."""


TRUNCATE_WITHIN: Final = samples_of_seconds(0.5)
"""How long the far end may take to say what was heard of a reply that was cut."""


class BargeInDetector:
    """Measures the sound of others against the agent's own speech.

    Args:
        backchannel: sounds shorter than this do not interrupt; 0 where every one does, and the
            session sees to it by itself.
        interrupts: whether anything interrupts.

    Attributes:
        matters: whether it is the agent that decides, rather than its session.
    """

    def __init__(self, backchannel: Samples, *, interrupts: bool) -> None:
        self._shortest = backchannel
        self._interrupts = interrupts
        self.matters = backchannel > 0
        self._start: Samples = 0
        self._end: Samples | None = None
        self._speaking = False
        self._over_speech = False
        self._noticed = False

    def hear(self, pts: Samples, *, audible: bool, speaking: bool) -> None:
        """One frame of what the agent hears; `speaking`: while it is heard itself."""
        self._speaking = speaking
        if not audible:
            return
        if self._end is None or pts - self._end > PAUSE:
            self._start = pts
        self._end = pts + FRAME_SAMPLES
        self._over_speech = speaking

    def begin(self) -> None:
        """The session has noticed speech; that matters while the agent speaks itself."""
        self._noticed = self._speaking

    def end(self) -> None:
        """The session takes that turn to be over, or it has been dealt with."""
        self._noticed = False

    @property
    def is_meant(self) -> bool:
        """Whether what was noticed has become too long for a backchannel."""
        return (
            self.matters and self._interrupts and self._noticed and self._length >= self._shortest
        )

    @property
    def is_backchannel(self) -> bool:
        """Whether what was noticed was short, and over before the agent had finished."""
        return (
            self.matters and self._noticed and self._over_speech and self._length < self._shortest
        )

    @property
    def _length(self) -> Samples:
        return 0 if self._end is None else self._end - self._start


class ReplyCut:
    """Stops the reply that an agent's session makes or plays.

    Args:
        session: makes the reply.
        playback: what of it is being heard.
        event_log: says who cut it.
        port: the agent's, to the mixer.
    """

    def __init__(
        self,
        session: ClientSession,
        playback: ReplyPlayback,
        event_log: SessionEventLog,
        port: Port,
    ) -> None:
        self._session = session
        self._playback = playback
        self._event_log = event_log
        self._port = port

    def ask(self, by: str) -> None:
        """Have the session stop; `by` is who interrupted, or empty for the loudest speaker."""
        if self._playback.response:
            self._event_log.cut_by(by)
        self._session.cancel()

    def silence(self, now: Samples, by: str) -> None:
        """The session has stopped: what is under way to the mixer must not be heard."""
        self._port.cut(now, by)

    def settle(self, response: str, now: Samples) -> list[Event]:
        """The far end may have said by now what was heard of the reply; else it is estimated."""
        if self._playback.response != response:
            return []
        return self._playback.truncated(now, None)
