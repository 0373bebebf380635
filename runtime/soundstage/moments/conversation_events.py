"""Interruptions, backchannels and handoffs: what several events of the log say together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from soundstage.messages import events
from soundstage.units import samples_of_ms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soundstage.messages.events import Event
    from soundstage.units import Samples

CONVERSATION_EVENTS: Final = frozenset({"interruption", "backchannel", "handoff"})
"""The events of a moment that are found here."""

LONGEST_BACKCHANNEL: Final[Samples] = samples_of_ms(1000)
"""A sound that is as long takes the turn, or tries to."""

HANDED_OVER_WITHIN: Final[Samples] = samples_of_ms(5000)
"""How long after one agent has come, or gone, the other goes, or comes."""


class ConversationEvent(Struct, frozen=True):
    """What happened between agents.

    Attributes:
        name: `interruption`, `backchannel` or `handoff`.
        agent: the one that interrupts, that makes the sound, or that hands over.
        pts: when.
        other: the agent that is interrupted, that goes on speaking, or that takes over.
    """

    name: str
    agent: str
    pts: Samples
    other: str


class ConversationEvents:
    """Follows the events of a run, in the order of the log.

    - `interruption`: an agent has cut another one short.
    - `backchannel`: an agent was audible for less than a second while another spoke, who spoke on:
      "mm-hm". It is known when the sound has ended, and is when it began.
    - `handoff`: an agent has given the floor to another by name; or an agent that has spoken goes,
      and another one comes, within 5 s of each other.
    """

    def __init__(self) -> None:
        self._since: dict[str, Samples] = {}
        self._has_spoken: set[str] = set()
        self._cut: dict[str, Samples] = {}
        self._awaited: set[str] = set()
        self._come: tuple[str, Samples] | None = None
        self._gone: tuple[str, Samples] | None = None

    def observe(self, event: Event) -> Iterator[ConversationEvent]:
        """Take one event of the log; what has happened with it."""
        match event:
            case events.RunStarted():
                self._awaited = set(event.agents)
            case events.VoiceStarted(track="said"):
                self._since.setdefault(event.agent, event.pts)
                self._has_spoken.add(event.agent)
            case events.VoiceStopped(track="said"):
                yield from self._silent(event.agent, event.pts)
            case events.Interrupted() if event.by not in {"", event.agent}:
                self._cut[event.agent] = event.pts
                yield ConversationEvent("interruption", event.by, event.pts, event.agent)
            case events.FloorPassed() if event.to:
                yield ConversationEvent("handoff", event.agent, event.pts, event.to)
            case events.Joined() if event.agent in self._awaited:
                self._awaited.discard(event.agent)
            case events.Joined() | events.Entered():
                self._come = event.agent, event.pts
                yield from self._handed_over(event.pts)
            case events.Left() | events.Exited() if event.agent in self._has_spoken:
                self._gone = event.agent, event.pts
                yield from self._handed_over(event.pts)
            case _:
                return

    def _silent(self, agent: str, end: Samples) -> Iterator[ConversationEvent]:
        start = self._since.pop(agent, None)
        if start is None or end - start >= LONGEST_BACKCHANNEL:
            return
        for other, since in self._since.items():
            if since < start and self._cut.get(other, -1) < start:
                yield ConversationEvent("backchannel", agent, start, other)
                return

    def _handed_over(self, now: Samples) -> Iterator[ConversationEvent]:
        if self._come is None or self._gone is None:
            return
        (taker, came), (giver, gone) = self._come, self._gone
        if taker != giver and abs(came - gone) <= HANDED_OVER_WITHIN:
            self._come = self._gone = None
            yield ConversationEvent("handoff", giver, now, taker)
