"""Gives the cues of a scenario when their moments come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import UNSET, Struct

from soundstage.kernel import Actor, handles
from soundstage.messages import (
    Begin,
    Entry,
    Join,
    Leave,
    Mute,
    Play,
    PressKeys,
    Prompt,
    Say,
    StopSpeaking,
    WindDown,
    events,
)
from soundstage.moments import MomentMatcher
from soundstage.scenario import ReadyCue, Scenario, hears, outside_at_first

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soundstage.kernel import Address, Timer
    from soundstage.messages.events import Event
    from soundstage.moments import Happening
    from soundstage.run.addresses import Addresses
    from soundstage.units import Samples


class CueTargets(Struct, frozen=True, kw_only=True):
    """What cues are given to.

    Attributes:
        agents: name to address.
        mixer: mutes, and opens rooms and closes them.
        journal: where events go.
        hears: listener to those it hears.
        rooms: agent to the rooms that it is a member of.
        floored: the agents that wait for the floor by themselves.
    """

    agents: Mapping[str, Address]
    mixer: Address
    journal: Address
    hears: Mapping[str, tuple[str, ...]]
    rooms: Mapping[str, tuple[str, ...]]
    floored: frozenset[str] = frozenset()

    @classmethod
    def of(cls, scenario: Scenario, addresses: Addresses) -> CueTargets:
        """The actors of a run of this scenario."""
        rooms = scenario.rooms.items()
        return cls(
            agents=addresses.agents,
            mixer=addresses.mixer,
            journal=addresses.hub,
            hears=hears(scenario),
            rooms={
                name: tuple(room for room, table in rooms if name in table.members)
                for name in scenario.agents
            },
            floored=frozenset(name for name in scenario.agents if scenario.floor_of(name)),
        )


class _Due(Struct, frozen=True):
    cue: int
    slots: Mapping[str, Any]


class _Quiet(Struct, frozen=True):
    """A silence that is waited for may have lasted long enough."""


class CueCaller(Actor):
    """Follows the event log and makes agents do what the cues say.

    A cue that does not overlap is held back while an agent speaks that its agent hears.

    Args:
        cues: in the order of the file.
        targets: what they are given to.
    """

    def __init__(self, cues: tuple[ReadyCue, ...], targets: CueTargets) -> None:
        super().__init__()
        self._cues = cues
        self._targets = targets
        self._moments = MomentMatcher([cue.table.after for cue in cues])
        self._audible: set[str] = set()
        self._waiting: list[_Due] = []
        self._over = False
        self._silence: Timer | None = None
        self._watched: Samples | None = None

    @handles(Begin)
    def begin(self, _: Begin) -> None:
        """Everybody is ready: times count, and some have yet to come in."""
        for agent, room in outside_at_first(self._cues):
            self._leave(agent, room)
        for place, cue in enumerate(self._cues):
            at = cue.table.after.at
            if at is not None:
                self.after(max(0, at - self.now), _Due(place, {}))

    @handles(Entry)
    def observe(self, entry: Entry) -> None:
        """One event of the log."""
        event = entry.event
        self._prepare(self._moments.observe(event))
        match event:
            case events.VoiceStarted(track="said"):
                self._audible.add(event.agent)
            case events.VoiceStopped(track="said") | events.Left():
                self._audible.discard(event.agent)
                self._give_those_that_wait()
            case _:
                pass

    @handles(_Quiet)
    def fall_quiet(self, _: _Quiet) -> None:
        """A silence has lasted for some time."""
        self._watched = None
        self._prepare(self._moments.pass_time(self.now))

    def _prepare(self, happenings: list[Happening]) -> None:
        for happening in happenings:
            table = self._cues[happening.place].table
            if table.most is None or happening.times <= table.most:
                self.after(table.after.delay, _Due(happening.place, happening.slots))
        following = self._moments.next_silence
        if following == self._watched:
            return
        if self._silence is not None:
            self._silence.cancel()
        self._watched = following
        if following is not None:
            self._silence = self.after(max(0, following - self.now), _Quiet())

    @handles(WindDown)
    def wind_down(self, _: WindDown) -> None:
        """Nothing new begins."""
        self._over = True
        self._waiting.clear()

    @handles(_Due)
    def call(self, due: _Due) -> None:
        """The moment has come."""
        if self._over:
            return
        if self._must_wait(due):
            self._waiting.append(due)
        else:
            self._give(due)

    def _must_wait(self, due: _Due) -> bool:
        table = self._cues[due.cue].table
        if table.overlap or table.act not in {"say", "ask", "play", "keys"}:
            return False
        if table.agent in self._targets.floored and table.act != "keys":
            return False
        return bool(self._audible & {table.agent, *self._targets.hears.get(table.agent, ())})

    def _give_those_that_wait(self) -> None:
        waiting, self._waiting = self._waiting, []
        given: set[str] = set()
        for due in waiting:
            agent = self._cues[due.cue].table.agent
            if agent in given or self._must_wait(due):
                self._waiting.append(due)
            else:
                given.add(agent)
                self._give(due)

    def _give(self, due: _Due) -> None:
        cue = self._cues[due.cue]
        table, name = cue.table, cue.table.agent
        self._log(
            events.CueGiven(
                pts=self.now, agent=name, cue=due.cue, act=table.act, id=table.id or UNSET
            )
        )
        agent, overlap = self._targets.agents[name], table.overlap
        if table.say is not None:
            self._warn_of(table.say, table.say.unbound(due.slots), name)
            agent.tell(Say(table.say.fill(due.slots), overlap))
        elif table.ask is not None:
            agent.tell(Prompt(table.ask, overlap))
        elif table.play is not None:
            for remark in cue.remarks:
                self._log(events.Warned(pts=self.now, agent=name, code="recording", message=remark))
            agent.tell(Play(cue.title, cue.sound, overlap))
        elif table.keys is not None:
            agent.tell(PressKeys(table.keys))
        elif table.mute is not None:
            self._targets.mixer.tell(Mute(name, None if table.mute else 0))
        elif table.join is not None:
            self._targets.mixer.tell(Join(name, table.join))
            self._log(events.Entered(pts=self.now, agent=name, room=table.join))
        else:
            agent.tell(StopSpeaking("cue"))
            for room in self._targets.rooms.get(name, ()):
                self._leave(name, room)

    def _warn_of(self, words: str, unbound: tuple[str, ...], agent: str) -> None:
        for slot in unbound:
            message = f'nothing has bound {{{slot}}}: "{slot}" stands in "{words}"'
            self._log(
                events.Warned(pts=self.now, agent=agent, code="unbound_slot", message=message)
            )

    def _leave(self, agent: str, room: str) -> None:
        self._targets.mixer.tell(Leave(agent, room))
        self._log(events.Exited(pts=self.now, agent=agent, room=room))

    def _log(self, event: Event) -> None:
        self._targets.journal.tell(Entry(event))
