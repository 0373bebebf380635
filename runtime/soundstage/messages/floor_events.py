"""The event log's words for the floor of a room, and for cues; see `events` for all others."""

from __future__ import annotations

from soundstage.messages.events import Event


class FloorGiven(Event, frozen=True, kw_only=True, tag="floor_given"):
    """An agent may speak in a room with a floor, and nobody else may.

    Attributes:
        room: whose floor it is.
        why: `opening`, `named`, `passed`, `next`, `wanted` or `fallback`.
    """

    room: str
    why: str


class FloorPassed(Event, frozen=True, kw_only=True, tag="floor_passed"):
    """An agent has spoken, or has nothing to say; `to` is whom it names, or empty."""

    to: str = ""


class FloorTaken(Event, frozen=True, kw_only=True, tag="floor_taken"):
    """An agent has lost the floor; `why` is `late`, `max_turn` or `left`."""

    room: str
    why: str


class FloorWanted(Event, frozen=True, kw_only=True, tag="floor_wanted"):
    """An agent has something to say, and waits for the floor."""


class CueGiven(Event, frozen=True, kw_only=True, tag="cue_given"):
    """A cue of the scenario was carried out.

    Attributes:
        cue: which one, from 0.
        act: `say`, `ask`, `play`, `mute`, `join` or `leave`.
    """

    cue: int
    act: str


class Entered(Event, frozen=True, kw_only=True, tag="entered"):
    """An agent has come into a room of which it is a member."""

    room: str


class Exited(Event, frozen=True, kw_only=True, tag="exited"):
    """An agent has gone out of a room, and may come again."""

    room: str
