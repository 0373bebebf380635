"""The sound of a report: the recordings beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from msgspec import Struct

from soundstage.results import TRACKS, display_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from soundstage.results import RunFolder


class Sound(Struct, frozen=True):
    """Something to listen to.

    Attributes:
        label: what it is.
        source: its address, from the report's place.
    """

    label: str
    source: str


def recording_of(folder: RunFolder, agent: str, track: str = "said") -> Path | None:
    """The recording of an agent's track, or None where there is none.

    A log may come from elsewhere: a name in it that leads out of the folder has none.
    """
    path = folder.audio(agent, track)
    inside = "\0" not in agent and path.parent == folder.sounds
    return path if inside and path.is_file() else None


def sounds_beside(folder: RunFolder, agents: Sequence[str], mixed: str) -> tuple[Sound, ...]:
    """The recordings that a run has left; that of several agents, called `mixed`, is first."""
    listed: list[tuple[str, Path | None]] = [(mixed, folder.mix if folder.mix.is_file() else None)]
    for track in TRACKS:
        listed += [
            (f"What {display_name(agent)} {track}", recording_of(folder, agent, track))
            for agent in agents
        ]
    return tuple(
        Sound(label, quote(path.relative_to(folder.path).as_posix()))
        for label, path in listed
        if path is not None
    )
