"""What a Live peer's session has understood: fragments of a transcript, put together again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from soundstage.messages.events import HeardText
from soundstage.units import FRAME_SAMPLES, Samples, samples_of_ms

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.agent import SpeakerTracker

APART_MS: Final = 800
"""A gap on the timeline from which on words belong to another stretch: LiveKit's and Pipecat's."""

COMPLETE_AFTER: Final[Samples] = samples_of_ms(800)
"""How long no further fragment has come when a stretch is taken to be complete."""


class SessionTime:
    """What the session's timeline means in the time of the run.

    A call's timeline begins when the call is there, which may be before anything is heard. It is
    never behind what the session tells of it, and that bounds where it began.

    Args:
        pts_of: the same, if the timeline began with the first frame that the session heard.
    """

    def __init__(self, pts_of: Callable[[int], Samples]) -> None:
        self._pts_of = pts_of
        self._latest_origin: Samples | None = None

    def note(self, end_ms: int, now: Samples) -> None:
        """The session has told of its timeline up to a time."""
        origin = now - samples_of_ms(end_ms)
        known = self._latest_origin
        self._latest_origin = origin if known is None else min(known, origin)

    def pts_of(self, milliseconds: int) -> Samples:
        """The time of the run, not below 0."""
        heard = self._pts_of(milliseconds)
        if self._latest_origin is None:
            return max(0, heard)
        return max(0, min(heard, self._latest_origin + samples_of_ms(milliseconds)))


class HeardWords:
    """Puts one stretch together at a time.

    Args:
        agent: whose session it is.
        speakers: which agent it hears.
        time: what the session's timeline means.
    """

    def __init__(self, agent: str, speakers: SpeakerTracker, time: SessionTime) -> None:
        self._agent = agent
        self._speakers = speakers
        self._time = time
        self._count = 0
        self._text = ""
        self._start_ms = self._end_ms = 0
        self._came: Samples = 0

    def add(self, delta: str, start_ms: int, end_ms: int, now: Samples) -> list[HeardText]:
        """The next fragment; the stretch before it, where it begins another one."""
        complete: list[HeardText] = []
        if self._text and start_ms - self._end_ms >= APART_MS:
            complete = self.take(now)
        if not self._text:
            self._start_ms = start_ms
        parted = self._text and not delta.startswith(" ")
        self._text += f" {delta}" if parted else delta
        self._end_ms = max(end_ms, self._start_ms)
        self._came = now
        return complete

    def settle(self, now: Samples) -> list[HeardText]:
        """The stretch that is complete, if there is one."""
        return self.take(now) if now - self._came >= COMPLETE_AFTER else []

    def foresee(self, pts: Samples, most: int) -> int:
        """In how many of the next ticks, at most so many, `settle` has nothing to give."""
        if not self._text:
            return most
        return max(0, min(most, (self._came + COMPLETE_AFTER - pts) // FRAME_SAMPLES))

    def take(self, now: Samples) -> list[HeardText]:
        """The stretch as it is, if there is one."""
        text, self._text = self._text.strip(), ""
        if not text:
            return []
        self._count += 1
        start, end = self._time.pts_of(self._start_ms), self._time.pts_of(self._end_ms)
        return [
            HeardText(
                pts=now,
                agent=self._agent,
                speaker=self._speakers.who(start, end),
                text=text,
                start=start,
                end=min(end, now),
                item=f"heard_{self._count}",
            )
        ]
