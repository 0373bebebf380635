"""From the tables of floors to floors, and what a floor changes for its members."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from soundstage.config.values import Duration, DurationRange, ObjectReference
from soundstage.errors import UsageError
from soundstage.floor import Addressed, Floor, FloorPolicy, FloorSetup, Moderator, RoundRobin
from soundstage.scenario.room_tables import ROUND_ROBIN

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

    from soundstage.config import KeyPath, Validator
    from soundstage.scenario.kinds import AgentDeclaration
    from soundstage.scenario.providers import Provider
    from soundstage.scenario.room_tables import Room

THINKING = DurationRange(Duration("0ms"), Duration("2s"))
"""How long each member of a free room thinks unless it is said: drawn anew for each reply, or
equal sessions would begin at the same time for ever."""

_POLICIES: dict[str, type[FloorPolicy]] = {
    "round_robin": RoundRobin,
    "moderator": Moderator,
    "addressed": Addressed,
}


@dataclass(frozen=True)
class FloorPlan:
    """The floor of a room.

    Attributes:
        room: the room's name.
        table: the room.
        policy: the class that decides.
    """

    room: str
    table: Room
    policy: type[FloorPolicy]

    @property
    def members(self) -> tuple[str, ...]:
        """Who takes turns."""
        return self.table.members

    @property
    def moderator(self) -> str:
        """Who passes the floor, or empty."""
        return self.table.floor.moderator or ""

    def make(self, openers: tuple[str, ...], stream: random.Random) -> Floor:
        """The floor at the beginning of a run."""
        floor = self.table.floor
        setup = FloorSetup(
            members=self.members,
            openers=tuple(name for name in openers if name in self.members),
            moderator=self.moderator,
            random=stream,
        )
        fallback = "" if floor.fallback == ROUND_ROBIN else floor.fallback
        return Floor(self.policy(setup), fallback=fallback, max_turn=floor.max_turn)


_OF_TURNS: Final = frozenset({"late_transcription", "duplicate_transcription"})
"""Faults of the transcription of a user's turn, which the Live API does not have."""


def plan_floors(
    rooms: Mapping[KeyPath, Room], agents: Mapping[str, AgentDeclaration], validator: Validator
) -> dict[str, FloorPlan]:
    """Room to its floor, of the rooms that have one; notes what is wrong."""
    plans: dict[str, FloorPlan] = {}
    taken: dict[str, str] = {}
    for path, room in rooms.items():
        if room.floor.is_free:
            continue
        name = str(path[1])
        for member in room.members:
            other = taken.setdefault(member, name)
            if other != name:
                reason = f'{member} takes its turns in the room "{other}" already: one floor each'
                validator.diagnostics.add(validator.document.place_of((*path, "members")), reason)
        policy = _policy(room.floor.policy, (*path, "floor", "policy"), validator)
        if policy is not None:
            plans[name] = FloorPlan(name, room, policy)
    _check_full_duplex(agents, plans, validator)
    return plans


def check_live_callers(
    provider: Provider, agents: Mapping[str, AgentDeclaration], validator: Validator
) -> None:
    """Note Live agents that call a provider in a way that the Live API does not have here."""
    for name, agent in agents.items():
        if agent.protocol != "live" or agent.provider != provider.name:
            continue
        if provider.auth == "ephemeral":
            place = validator.document.place_of(("agents", name, "protocol"))
            reason = 'auth = "ephemeral"; the Live API has no ephemeral keys'
            validator.diagnostics.add(place, f"its provider {provider.name} has {reason}")


def _check_full_duplex(
    agents: Mapping[str, AgentDeclaration], floors: Mapping[str, FloorPlan], validator: Validator
) -> None:
    """Note what Live agents cannot have: a floor, and faults of turns, which its wire has not."""
    for name, agent in agents.items():
        faults = agent.local.faults if agent.protocol == "live" and agent.local else ()
        for index, fault in enumerate(faults):
            if fault.kind in _OF_TURNS:
                place = validator.document.place_of(("agents", name, "local", "faults", index))
                reason = f'a Live session transcribes as it goes, so "{fault.kind}" does nothing'
                validator.diagnostics.add(place, reason)
    for plan in floors.values():
        for member in plan.members:
            if member in agents and agents[member].protocol == "live":
                reason = (
                    f'the room "{plan.room}" has a floor, and a Live session decides itself when '
                    'to speak: a free floor, or protocol = "realtime"'
                )
                place = validator.document.place_of(("agents", member, "protocol"))
                validator.diagnostics.add(place, reason)


def spread_thinking(
    agents: Mapping[str, AgentDeclaration], rooms: Mapping[KeyPath, Room]
) -> dict[str, AgentDeclaration]:
    """The agents, with thinking time for those in a free room of several sessions."""
    crowded: set[str] = set()
    for room in rooms.values():
        sessions = [name for name in room.members if name in agents and agents[name].provider]
        if room.floor.is_free and len(sessions) > 2:  # noqa: PLR2004 - two take turns anyway
            crowded.update(sessions)
    return {name: _thinking(agent) if name in crowded else agent for name, agent in agents.items()}


def _thinking(agent: AgentDeclaration) -> AgentDeclaration:
    local = agent.local
    if local is None or "think" in local.model_fields_set:
        return agent
    thinking = local.model_copy(update={"think": THINKING})
    return replace(agent, settings=agent.settings.model_copy(update={"local": thinking}))


def _policy(name: str, path: KeyPath, validator: Validator) -> type[FloorPolicy] | None:
    if name in _POLICIES:
        return _POLICIES[name]
    place = validator.document.place_of(path)
    try:
        found = ObjectReference(name).beside(place.folder).load()
    except UsageError as error:
        validator.diagnostics.add(place, str(error))
        return None
    if isinstance(found, type) and issubclass(found, FloorPolicy):
        return found
    reason = f'"{name}" is no policy: a class derived from soundstage.FloorPolicy, with choose'
    validator.diagnostics.add(place, reason)
    return None
