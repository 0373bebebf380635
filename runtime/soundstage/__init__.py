"""Soundstage: an actor runtime for realtime voice agents.

The public names are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from soundstage.agent import Agent, AsyncAgent, Line
    from soundstage.audio.effects import Effect, EffectSettings
    from soundstage.client import LiveClient, RealtimeClient
    from soundstage.config.values import Duration
    from soundstage.endpoint import LocalEndpoint
    from soundstage.errors import RunFailed
    from soundstage.floor import FloorPolicy, FloorTurn
    from soundstage.kernel import JobKind, handles
    from soundstage.messages import (
        Begin,
        Frame,
        Heard,
        KeyHeard,
        Say,
        SpeechStarted,
        SpeechStopped,
        TakeFloor,
    )
    from soundstage.results import Run
    from soundstage.run import run_scenario
    from soundstage.tools import ToolError, tool

__all__ = [
    "Agent",
    "AsyncAgent",
    "Begin",
    "Duration",
    "Effect",
    "EffectSettings",
    "FloorPolicy",
    "FloorTurn",
    "Frame",
    "Heard",
    "JobKind",
    "KeyHeard",
    "Line",
    "LiveClient",
    "LocalEndpoint",
    "RealtimeClient",
    "Run",
    "RunFailed",
    "Say",
    "SpeechStarted",
    "SpeechStopped",
    "TakeFloor",
    "ToolError",
    "handles",
    "run_scenario",
    "tool",
]

_ROOMS = {
    "agent": ("Agent", "AsyncAgent", "Line"),
    "audio.effects": ("Effect", "EffectSettings"),
    "client": ("LiveClient", "RealtimeClient"),
    "config.values": ("Duration",),
    "errors": ("RunFailed",),
    "kernel": ("JobKind", "handles"),
    "messages": (
        "Begin",
        "Frame",
        "Heard",
        "KeyHeard",
        "Say",
        "SpeechStarted",
        "SpeechStopped",
        "TakeFloor",
    ),
    "results": ("Run",),
    "endpoint": ("LocalEndpoint",),
    "run": ("run_scenario",),
    "floor": ("FloorPolicy", "FloorTurn"),
    "tools": ("ToolError", "tool"),
}


def __getattr__(name: str) -> object:
    for room, names in _ROOMS.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{room}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
