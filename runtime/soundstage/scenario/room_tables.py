"""The tables of rooms: who is in a room, and whose turn it is to speak there."""

import re
from typing import Annotated, Self, TypeAlias

from pydantic import Field, StrictBool, model_validator

from soundstage.config.values import (
    AgentName,
    Duration,
    Level,
    ObjectReference,
    Table,
    fault_within,
    suggestion,
)

FREE = "free"
POLICIES = (FREE, "round_robin", "moderator", "addressed")
"""The policies that there are, beside one's own."""

ROUND_ROBIN = "round_robin"


class FloorTable(Table):
    """Whose turn it is in a room.

    Attributes:
        policy: `free` (everyone answers), `round_robin` (one after the other), `moderator` (the
            member that the moderator names), `addressed` (the member whose name was said), or a
            class of your own.
        moderator: who passes the floor.
        fallback: who speaks where the policy names no member that can: the next one, or a member.
        max_turn: how long a turn lasts at most.
    """

    policy: str = FREE
    moderator: AgentName | None = None
    fallback: str = ROUND_ROBIN
    max_turn: Annotated[Duration, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        faults: list[tuple[tuple[str | int, ...], str]] = []
        if ":" in self.policy:
            try:
                ObjectReference(self.policy)
            except ValueError as error:
                faults.append((("policy",), str(error)))
        elif self.policy not in POLICIES:
            hint = suggestion(self.policy, POLICIES).rstrip("?")
            reason = f'there is no policy "{self.policy}"; {hint}, or your own as "./file.py:Name"?'
            faults.append((("policy",), reason))
        if self.policy == "moderator" and self.moderator is None:
            faults.append((("policy",), "needs moderator: who passes the floor"))
        if self.moderator is not None and self.policy in {*POLICIES} - {"moderator"}:
            faults.append((("moderator",), 'goes with policy = "moderator"'))
        extra = self.model_fields_set - {"policy"}
        if self.policy == FREE and extra:
            faults.append(((min(extra),), 'does not go with policy = "free": there is no floor'))
        if faults:
            raise fault_within(faults)
        return self

    @property
    def is_free(self) -> bool:
        """Whether everyone may speak at any time."""
        return self.policy == FREE

    def strangers(self, members: tuple[str, ...]) -> list[tuple[str, str]]:
        """What is wrong with its names in a room with these members: key and reason."""
        named = {"moderator": self.moderator}
        if self.fallback != ROUND_ROBIN:
            named["fallback"] = self.fallback
        return [
            (key, f'"{name}" is not a member of this room; {suggestion(name, members)}')
            for key, name in named.items()
            if name is not None and name not in members
        ]


Edge: TypeAlias = tuple[str, str]
"""Speaker and listener."""

_PAIR = re.compile(r"(\S+?)\s*<-\s*(\S+)")


class Room(Table):
    """A room: each member hears all the others.

    Attributes:
        members: the agents in it, at least two.
        gain: `"listener<-speaker"` to how much louder or softer that listener hears that speaker.
        speaker_labels: whether each session is told in text who said what before it replies;
            where it is not said, in rooms of more than two.
        floor: whose turn it is to speak.
    """

    members: Annotated[tuple[AgentName, ...], Field(min_length=2)]
    gain: dict[str, Level] = Field(default_factory=dict[str, Level])
    speaker_labels: StrictBool | None = None
    floor: FloorTable = FloorTable()

    @model_validator(mode="after")
    def _knows_its_members(self) -> Self:
        faults: list[tuple[tuple[str | int, ...], str]] = [
            (("members", index), f'"{name}" is a member already')
            for index, name in enumerate(self.members)
            if name in self.members[:index]
        ]
        faults += [
            (("gain", pair), reason)
            for pair in self.gain
            if (reason := _why_no_pair(pair, self.members)) is not None
        ]
        faults += [(("floor", key), reason) for key, reason in self.floor.strangers(self.members)]
        if faults:
            raise fault_within(faults)
        return self

    @property
    def labels(self) -> bool:
        """Whether sessions are told who said what."""
        if self.speaker_labels is None:
            return len(self.members) > 2  # noqa: PLR2004 - a pair knows who is speaking
        return self.speaker_labels

    @property
    def edges(self) -> tuple[Edge, ...]:
        """Speaker and listener of every pair, each direction."""
        return tuple(
            (speaker, listener)
            for listener in self.members
            for speaker in self.members
            if speaker != listener
        )

    @property
    def levels(self) -> dict[Edge, Level]:
        """Edge to how much louder or softer it is, where that is said."""
        found: dict[Edge, Level] = {}
        for pair, level in self.gain.items():
            match = _PAIR.fullmatch(pair)
            if match is not None:
                found[match[2], match[1]] = level
        return found


def _why_no_pair(pair: str, members: tuple[str, ...]) -> str | None:
    match = _PAIR.fullmatch(pair)
    if match is None:
        return 'a gain is named by two members, as "listener<-speaker"'
    for name in match.groups():
        if name not in members:
            return f'"{name}" is not a member of this room; {suggestion(name, members)}'
    return f'"{match[1]}" does not hear itself' if match[1] == match[2] else None
