"""Agents: what they are given, what they can do, and the bases for one's own."""

from soundstage.agent.agent import UTTERANCE_EVENTS, Agent
from soundstage.agent.agent_settings import (
    AgentSettings,
    Emits,
    HasLines,
    HasLinesAndKeys,
    LineTable,
    Opens,
    UsesServer,
    UsesTools,
)
from soundstage.agent.async_agent import AsyncAgent, Line
from soundstage.agent.context import (
    AgentContext,
    AgentIdentity,
    AgentPorts,
    AgentServices,
    RunTool,
)
from soundstage.agent.doubles import Collector
from soundstage.agent.floor_grant import FloorGrant, LiveTurnDetector
from soundstage.agent.port import Port
from soundstage.agent.slow_work import WorkDone, WorkFailed
from soundstage.agent.utterance_detector import SpeakerTracker, Utterance
from soundstage.units import VIRTUAL, WALL

__all__ = [
    "UTTERANCE_EVENTS",
    "VIRTUAL",
    "WALL",
    "Agent",
    "AgentContext",
    "AgentIdentity",
    "AgentPorts",
    "AgentServices",
    "AgentSettings",
    "AsyncAgent",
    "Collector",
    "Emits",
    "FloorGrant",
    "HasLines",
    "HasLinesAndKeys",
    "Line",
    "LineTable",
    "LiveTurnDetector",
    "Opens",
    "Port",
    "RunTool",
    "SpeakerTracker",
    "UsesServer",
    "UsesTools",
    "Utterance",
    "WorkDone",
    "WorkFailed",
]
