"""The floor of a room: who may speak, who is next, and the policies that decide it."""

from soundstage.floor.addressing import named
from soundstage.floor.floor_controller import FloorController
from soundstage.floor.floor_policy import (
    Addressed,
    FloorPolicy,
    FloorSetup,
    FloorTurn,
    Moderator,
    RoundRobin,
)
from soundstage.floor.floor_state import Floor

__all__ = [
    "Addressed",
    "Floor",
    "FloorController",
    "FloorPolicy",
    "FloorSetup",
    "FloorTurn",
    "Moderator",
    "RoundRobin",
    "named",
]
