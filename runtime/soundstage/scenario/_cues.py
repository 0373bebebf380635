"""From the tables of cues to cues that can be given."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from soundstage.config.values import suggestion
from soundstage.errors import UsageError
from soundstage.recordings import LONGEST_CUE, read_recording
from soundstage.scenario._cue_table import Cue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soundstage.config import KeyPath, Validator
    from soundstage.scenario._model import AgentDeclaration
    from soundstage.scenario._room_tables import Room


class ReadyCue(Struct, frozen=True):
    """A cue with everything that it needs.

    Attributes:
        table: as it is written.
        sound: the recording that it plays, 24 kHz mono PCM; empty for others.
    """

    table: Cue
    sound: bytes = b""

    @property
    def title(self) -> str:
        """What its recording is called."""
        return Path(self.table.play or "").stem


def prepare_cues(
    agents: Mapping[str, AgentDeclaration], rooms: Mapping[KeyPath, Room], validator: Validator
) -> tuple[ReadyCue, ...]:
    """The cues that are right; notes what is wrong with the others."""
    members = {str(path[1]): room.members for path, room in rooms.items()}
    ready: list[ReadyCue] = []
    for path, cue in validator.listed_tables("cues", Cue):
        place = validator.document.place_of((*path, cue.act))
        try:
            _check(cue, agents, members)
            sound = (
                read_recording(place.folder / cue.play, longest=LONGEST_CUE)
                if cue.play is not None
                else b""
            )
        except UsageError as error:
            validator.diagnostics.add(place, str(error))
        else:
            ready.append(ReadyCue(cue, sound))
    return tuple(ready)


def outside_at_first(cues: tuple[ReadyCue, ...]) -> list[tuple[str, str]]:
    """Agent and room of those who are to come into a room before they leave it."""
    first: dict[str, Cue] = {}
    for cue in cues:
        if cue.table.act in {"join", "leave"}:
            first.setdefault(cue.table.agent, cue.table)
    return [(name, cue.join) for name, cue in first.items() if cue.join is not None]


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
    if cue.act in {"say", "ask", "play"} and cues is not None and cue.act not in cues:
        instead = " or ".join(sorted(cues)) or "none of say, ask and play"
        raise UsageError(
            f"an agent of this kind cannot be made to {cue.act} something; {instead} goes with it"
        )
