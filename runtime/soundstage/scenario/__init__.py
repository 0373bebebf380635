"""Scenario files: from TOML to a model in which everything that they name is found."""

from soundstage.scenario._cues import ReadyCue, outside_at_first
from soundstage.scenario._effects import make_effect
from soundstage.scenario._graph import describe_graph
from soundstage.scenario._load import load_scenario
from soundstage.scenario._model import AgentDeclaration, Scenario, Tool, hears
from soundstage.scenario._providers import LOCAL, Provider
from soundstage.scenario._resolved import resolved
from soundstage.scenario._schema import json_schema
from soundstage.scenario._shipped import Listed, find_scenario, list_scenarios
from soundstage.scenario._tables import End, Link, Mock, Record, ToolTable
from soundstage.scenario._voices import VOICES

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
    "describe_graph",
    "find_scenario",
    "hears",
    "json_schema",
    "list_scenarios",
    "load_scenario",
    "make_effect",
    "outside_at_first",
    "resolved",
]
