"""A run as its event log tells it, and when its tracks were audible.

Turns, metrics, transcript and captions are derived from this alone.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar, cast

from msgspec import UNSET

from soundstage.errors import RunFolderError
from soundstage.messages.events import (
    EVENT_SCHEMA_VERSION,
    Event,
    RunEnded,
    RunStarted,
    VoiceStarted,
    VoiceStopped,
)
from soundstage.results.event_log import read_events

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from soundstage.results.event_log import AnyEvent
    from soundstage.units import Samples

E = TypeVar("E", bound=Event)
T = TypeVar("T")

_NEVER_STARTED = RunStarted(pts=0, schema=0, scenario="", seed=0, clock="", agents=(), hears={})


class Interval(NamedTuple):
    """A time from its first sample to one past its last."""

    start: Samples
    end: Samples


Intervals: TypeAlias = "tuple[Interval, ...]"
"""In order, without touching each other."""


class History:
    """The events of a run, complete or broken off.

    Args:
        events: in the order of the log.

    Attributes:
        events: all of them.
        started: how it began; all empty if the log does not say.
        ended: how it ended, or None if the log broke off before.
        end: the run's last sample, or the last one that the log tells of.
        agents: in the order of their declaration.
    """

    def __init__(self, events: Iterable[AnyEvent]) -> None:
        self.events = tuple(events)
        # A report asks for each type many times, and a log has far more words than all the rest.
        self._by_type: dict[type[AnyEvent], list[AnyEvent]] = {}
        for event in self.events:
            self._by_type.setdefault(type(event), []).append(event)
        self._derived: dict[Callable[[History], object], object] = {}
        self.started = next(self.of(RunStarted), _NEVER_STARTED)
        self.ended = next(self.of(RunEnded), None)
        last = max((event.pts for event in self.events), default=0)
        self.end: Samples = last if self.ended is None else self.ended.pts
        self.agents = self.started.agents or self._mentioned()
        changes = [e for e in self.events if isinstance(e, (VoiceStarted, VoiceStopped))]
        self._audible = audible(changes, self.end)

    @classmethod
    def read(cls, path: Path) -> History:
        """The history that a log tells.

        Raises:
            RunFolderError: it cannot be read, or a later version wrote it.
        """
        history = cls(read_events(path))
        schema = history.started.schema
        if schema > EVENT_SCHEMA_VERSION:
            raise RunFolderError(
                f"{path} is an event log of version {schema}, and this version of Soundstage reads "
                f"up to {EVENT_SCHEMA_VERSION}: read it with a later one"
            )
        return history

    def of(self, kind: type[E]) -> Iterator[E]:
        """The events of one type."""
        kinds = [each for each in self._by_type if issubclass(each, kind)]
        if len(kinds) > 1:
            return (event for event in self.events if isinstance(event, kind))
        return iter(cast("list[E]", self._by_type[kinds[0]] if kinds else []))

    def derived(self, make: Callable[[History], T]) -> T:
        """What a function makes of this history: made once, and to be changed by no caller."""
        if make not in self._derived:
            self._derived[make] = make(self)
        return cast("T", self._derived[make])

    def audible(self, agent: str, track: str) -> Intervals:
        """When an agent's track, `said` or `heard`, was audible."""
        return self._audible.get((agent, track), ())

    def heard_by(self, listener: str) -> tuple[str, ...]:
        """The speakers that a listener hears."""
        return self.started.hears.get(listener, ())

    def recognizes(self, listener: str) -> bool:
        """Whether an agent has what it hears written down; logs of version 1 do not say."""
        known = self.started.recognizers
        return known is UNSET or listener in known

    def listeners(self, speaker: str) -> tuple[str, ...]:
        """The agents that hear a speaker, in the order of their declaration."""
        return tuple(agent for agent in self.agents if speaker in self.heard_by(agent))

    def _mentioned(self) -> tuple[str, ...]:
        """The agents of a log without a beginning."""
        return tuple(dict.fromkeys(event.agent for event in self.events if event.agent))


def audible(
    changes: Iterable[VoiceStarted | VoiceStopped], end: Samples
) -> Mapping[tuple[str, str], Intervals]:
    """Where each agent's tracks were audible: (agent, track) to its intervals.

    Args:
        changes: in the order of the log.
        end: where a track that did not fall silent ends.
    """
    since: dict[tuple[str, str], Samples] = {}
    found: dict[tuple[str, str], list[Interval]] = {}
    for change in changes:
        track = (change.agent, change.track)
        if isinstance(change, VoiceStarted):
            since.setdefault(track, change.pts)
        elif track in since:
            found.setdefault(track, []).append(Interval(since.pop(track), change.pts))
    for track, start in since.items():
        found.setdefault(track, []).append(Interval(start, end))
    return {track: union(intervals) for track, intervals in found.items()}


def union(*lists: Iterable[Interval]) -> Intervals:
    """The time that is in any of them."""
    joined: list[Interval] = []
    for interval in sorted(interval for intervals in lists for interval in intervals):
        if interval.end <= interval.start:
            continue
        if joined and interval.start <= joined[-1].end:
            joined[-1] = Interval(joined[-1].start, max(joined[-1].end, interval.end))
        else:
            joined.append(interval)
    return tuple(joined)


def intersection(these: Sequence[Interval], those: Sequence[Interval]) -> Intervals:
    """The time that is in both, each of which is in order and without overlaps."""
    # Not each with each: hours of a call have thousands of intervals.
    return union(
        Interval(max(this.start, that.start), min(this.end, that.end))
        for this in these
        for that in touching(those, this)
    )


def touching(intervals: Sequence[Interval], span: Interval) -> Sequence[Interval]:
    """Those that have time in a span, of intervals in order and without overlaps."""
    first = bisect_right(intervals, span.start, key=lambda each: each.end)
    past = bisect_left(intervals, span.end, lo=first, key=lambda each: each.start)
    return intervals[first:past]


def total(intervals: Iterable[Interval]) -> Samples:
    """How long they are together."""
    return sum(interval.end - interval.start for interval in intervals)
