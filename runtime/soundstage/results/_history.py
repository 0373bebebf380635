"""A run as its event log tells it; everything else is derived from this."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from soundstage.errors import RunFolderError
from soundstage.messages.events import (
    EVENT_SCHEMA_VERSION,
    Event,
    RunEnded,
    RunStarted,
    VoiceStarted,
    VoiceStopped,
)
from soundstage.results._log import read_events
from soundstage.results._stretches import audible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from soundstage.results._stretches import Stretches
    from soundstage.results._vocabulary import AnyEvent
    from soundstage.units import Samples

E = TypeVar("E", bound=Event)

_NEVER_STARTED = RunStarted(pts=0, schema=0, scenario="", seed=0, clock="", agents=(), hears={})


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
        return (event for event in self.events if isinstance(event, kind))

    def audible(self, agent: str, track: str) -> Stretches:
        """When an agent's track, `said` or `heard`, was audible."""
        return self._audible.get((agent, track), ())

    def heard_by(self, listener: str) -> tuple[str, ...]:
        """The speakers that a listener hears."""
        return self.started.hears.get(listener, ())

    def listeners(self, speaker: str) -> tuple[str, ...]:
        """The agents that hear a speaker, in the order of their declaration."""
        return tuple(agent for agent in self.agents if speaker in self.heard_by(agent))

    def _mentioned(self) -> tuple[str, ...]:
        """The agents of a log without a beginning."""
        return tuple(dict.fromkeys(event.agent for event in self.events if event.agent))
