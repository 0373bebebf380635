"""Cues: what agents are made to do when something has happened, and from their tables to cues."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self, TypeAlias

from msgspec import Struct
from pydantic import Field, StrictBool, StrictInt, model_validator

from soundstage.config.values import (
    AgentName,
    Channel,
    Keys,
    Moment,
    Name,
    Table,
    Template,
    Text,
    suggestion,
)
from soundstage.errors import UsageError
from soundstage.json_text import valid_text
from soundstage.recordings import LONGEST_CUE, read_recording

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soundstage.config import KeyPath, Validator
    from soundstage.scenario.kinds import AgentDeclaration
    from soundstage.scenario.room_tables import Room


Act: TypeAlias = Literal["say", "ask", "play", "keys", "mute", "join", "leave"]

ACTS: tuple[Act, ...] = ("say", "ask", "play", "keys", "mute", "join", "leave")

_SOUNDING = ("say", "ask", "play", "keys")


class Cue(Table):
    """What an agent is made to do at a moment.

    Exactly one of `say`, `ask`, `play`, `keys`, `mute`, `join` and `leave` is set.

    Attributes:
        id: what the event log calls it; no two cues have the same.
        after: the moment.
        agent: who does it.
        say: words that the agent says exactly; for agents that speak by themselves.
        ask: a prompt that the agent's session answers in its own words.
        play: a recording that the agent plays, in any format that FFmpeg reads.
        keys: keys of a telephone that the agent presses, as `5#`.
        channel: with `play`: the only channel of the recording that is heard, `left`, `right` or
            its number from 1; all of them by default, averaged.
        mute: whether the agent is muted for all others from then on, or heard again.
        join: a room that the agent comes into.
        leave: the agent leaves the rooms that it is in.
        overlap: whether it speaks at once, also while another agent speaks, and without the floor.
        times: how often it happens, each time that the moment does.
    """

    id: Name | None = None
    after: Moment
    agent: AgentName
    say: Template | None = None
    ask: Text | None = None
    play: str | None = None
    keys: Keys | None = None
    channel: Channel | None = None
    mute: StrictBool | None = None
    join: str | None = None
    leave: Literal[True] | None = None
    overlap: StrictBool = False
    times: Annotated[StrictInt, Field(ge=1)] | Literal["every"] = 1

    @model_validator(mode="after")
    def _does_one_thing(self) -> Self:
        given = [act for act in ACTS if getattr(self, act) is not None]
        if len(given) != 1:
            has = "has none" if not given else "has " + " and ".join(given)
            raise ValueError(f"a cue needs exactly one of {', '.join(ACTS)}; this {has}")
        if self.overlap and self.act not in _SOUNDING:
            raise ValueError(f"overlap goes with {', '.join(_SOUNDING)}")
        if self.channel is not None and self.play is None:
            raise ValueError("channel goes with play")
        if self.after.at is not None and self.times != 1:
            raise ValueError("a time comes once: times does not go with at")
        unbound = [slot for slot in self.slots if slot not in self._bound(slot)]
        if unbound:
            raise ValueError(
                f'nothing binds "{{{unbound[0]}}}": after has no phrase with that slot'
            )
        return self

    @property
    def slots(self) -> tuple[str, ...]:
        """What its words need to be filled with."""
        return () if self.say is None else self.say.slots

    def _bound(self, slot: str) -> tuple[str, ...]:
        if self.after.tool is not None or self.after.is_emitted:
            return (slot,)
        if self.after.event == "dtmf":
            return ("key", "by")
        said = () if self.after.said is None else self.after.said.slots
        return (*said, *self.after.key_slots)

    @property
    def act(self) -> Act:
        """Which it is."""
        return next(act for act in ACTS if getattr(self, act) is not None)

    @property
    def most(self) -> int | None:
        """How often it happens at most; None for every time."""
        return None if self.times == "every" else self.times


class ReadyCue(Struct, frozen=True):
    """A cue with everything that it needs.

    Attributes:
        table: as it is written.
        sound: the recording that it plays, 24 kHz mono PCM; empty for others.
        remarks: what is unusual about the recording.
    """

    table: Cue
    sound: bytes = b""
    remarks: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What its recording is called."""
        return valid_text(Path(self.table.play or "").stem)


def prepare_cues(
    agents: Mapping[str, AgentDeclaration], rooms: Mapping[KeyPath, Room], validator: Validator
) -> tuple[ReadyCue, ...]:
    """The cues that are right; notes what is wrong with the others."""
    members = {str(path[1]): room.members for path, room in rooms.items()}
    ready: list[ReadyCue] = []
    ids: set[str] = set()
    for path, cue in validator.listed_tables("cues", Cue):
        place = validator.document.place_of((*path, cue.act))
        try:
            _check_id(cue, ids)
            _check(cue, agents, members)
            made = _made_ready(cue, place.folder)
        except UsageError as error:
            validator.diagnostics.add(place, str(error))
        else:
            for remark in made.remarks:
                validator.diagnostics.warn(place, remark)
            ready.append(made)
    return tuple(ready)


def _made_ready(cue: Cue, folder: Path) -> ReadyCue:
    if cue.play is None:
        return ReadyCue(cue)
    file = folder / Path(cue.play).expanduser()
    recording = read_recording(file, longest=LONGEST_CUE, channel=cue.channel)
    return ReadyCue(cue, recording.pcm, recording.remarks)


def outside_at_first(cues: tuple[ReadyCue, ...]) -> list[tuple[str, str]]:
    """Agent and room of those who are to come into a room before they leave it."""
    first: dict[str, Cue] = {}
    for cue in cues:
        if cue.table.act in {"join", "leave"}:
            first.setdefault(cue.table.agent, cue.table)
    return [(name, cue.join) for name, cue in first.items() if cue.join is not None]


def _check_id(cue: Cue, earlier: set[str]) -> None:
    if cue.id in earlier:
        raise UsageError(f'an earlier cue has the id "{cue.id}" already')
    if cue.id is not None:
        earlier.add(cue.id)


def _check(
    cue: Cue, agents: Mapping[str, AgentDeclaration], members: Mapping[str, tuple[str, ...]]
) -> None:
    rooms = [room for room, names in members.items() if cue.agent in names]
    if cue.join is not None and cue.join not in rooms:
        hint = suggestion(cue.join, rooms, none="it is a member of none")
        raise UsageError(f'{cue.agent} is not a member of a room "{cue.join}"; {hint}')
    if cue.act == "leave" and not rooms:
        raise UsageError(f"{cue.agent} is in no room that it could leave")
    agent = agents.get(cue.agent)
    cues = None if agent is None else agent.agent_class.cues
    if cue.act in _SOUNDING and cues is not None and cue.act not in cues:
        *others, last = _SOUNDING
        instead = " or ".join(sorted(cues)) or f"none of {', '.join(others)} and {last}"
        does = "press keys" if cue.act == "keys" else f"{cue.act} something"
        raise UsageError(f"an agent of this kind cannot be made to {does}; {instead} goes with it")
