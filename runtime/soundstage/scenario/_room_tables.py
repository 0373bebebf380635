"""The tables of rooms, where each member hears all the others."""

import re
from typing import Annotated, Self, TypeAlias

from pydantic import Field, StrictBool, model_validator

from soundstage.config.values import AgentName, Level, Table, fault_within, suggestion
from soundstage.scenario._floor_tables import FloorTable

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
