"""Scenario files: from TOML to a model in which everything that they name is found."""

from soundstage.scenario.agent_declarations import VOICES
from soundstage.scenario.cues import ReadyCue, outside_at_first
from soundstage.scenario.editor_schema import json_schema
from soundstage.scenario.effect_declarations import make_effect
from soundstage.scenario.kinds import AgentDeclaration
from soundstage.scenario.loader import load_scenario
from soundstage.scenario.model import Scenario, Tool, hears
from soundstage.scenario.providers import LOCAL, Provider
from soundstage.scenario.scenario_description import (
    describe_graph,
    describe_variation,
    resolved,
)
from soundstage.scenario.shipped_scenarios import Listed, find_scenario, list_scenarios
from soundstage.scenario.tables import End, Link, Mock, Record, ToolTable, VerdictTable

__all__ = [
    "LOCAL",
    "VOICES",
    "AgentDeclaration",
    "End",
    "Link",
    "Listed",
    "Mock",
    "Provider",
    "ReadyCue",
    "Record",
    "Scenario",
    "Tool",
    "ToolTable",
    "VerdictTable",
    "describe_graph",
    "describe_variation",
    "find_scenario",
    "hears",
    "json_schema",
    "list_scenarios",
    "load_scenario",
    "make_effect",
    "outside_at_first",
    "resolved",
]
