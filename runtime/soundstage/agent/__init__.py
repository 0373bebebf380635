"""Agents: what they are given, what they can do, and the bases for one's own."""

from soundstage.agent._agent import Agent
from soundstage.agent._async_agent import AsyncAgent
from soundstage.agent._attribution import Attribution
from soundstage.agent._given import CallTool, Given, Work, WorkDone, WorkFailed
from soundstage.agent._line import Line
from soundstage.agent._live_turn import LiveTurn
from soundstage.agent._settings import AgentSettings, LineTable
from soundstage.agent._speaking_right import SpeakingRight
from soundstage.units import VIRTUAL, WALL

__all__ = [
    "VIRTUAL",
    "WALL",
    "Agent",
    "AgentSettings",
    "AsyncAgent",
    "Attribution",
    "CallTool",
    "Given",
    "Line",
    "LineTable",
    "LiveTurn",
    "SpeakingRight",
    "Work",
    "WorkDone",
    "WorkFailed",
]
