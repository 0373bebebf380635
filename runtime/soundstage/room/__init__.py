"""Who hears whom, whose turn it is, and who follows it."""

from soundstage.room._audience import Attend, Audience
from soundstage.room._desk import Desk, Mixes
from soundstage.room._floor import Floor
from soundstage.room._floor_keeper import FloorKeeper
from soundstage.room._floor_policy import (
    Addressed,
    FloorPolicy,
    FloorSetup,
    FloorTurn,
    Moderator,
    RoundRobin,
)
from soundstage.room._graph import Edge, Graph
from soundstage.room._lines import Lines
from soundstage.room._mixer import Mixer, Ports
from soundstage.room._recorder import RECORDER_LIMITS, Archive, Recorder

__all__ = [
    "RECORDER_LIMITS",
    "Addressed",
    "Archive",
    "Attend",
    "Audience",
    "Desk",
    "Edge",
    "Floor",
    "FloorKeeper",
    "FloorPolicy",
    "FloorSetup",
    "FloorTurn",
    "Graph",
    "Lines",
    "Mixer",
    "Mixes",
    "Moderator",
    "Ports",
    "Recorder",
    "RoundRobin",
]
