"""Scenario files: from TOML to a model in which everything is found, and from there to a run.

Playing loads WebRTC and HTTP, so `play` is loaded when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from soundstage.scenario._graph import describe_graph
from soundstage.scenario._load import load_scenario
from soundstage.scenario._model import AgentDeclaration, Scenario, Tool, hears
from soundstage.scenario._providers import LOCAL, Provider
from soundstage.scenario._resolved import resolved
from soundstage.scenario._schema import json_schema
from soundstage.scenario._shipped import Listed, find_scenario, list_scenarios
from soundstage.scenario._tables import End, Link, Mock, Record, ToolTable
from soundstage.scenario._voices import VOICES

if TYPE_CHECKING:
    from soundstage.scenario._run import RUNS, Played, play
    from soundstage.scenario._run_scenario import cache_for, run_scenario
    from soundstage.scenario._spectators import MakeWindow

__all__ = [
    "LOCAL",
    "RUNS",
    "VOICES",
    "AgentDeclaration",
    "End",
    "Link",
    "Listed",
    "MakeWindow",
    "Mock",
    "Played",
    "Provider",
    "Record",
    "Scenario",
    "Tool",
    "ToolTable",
    "cache_for",
    "describe_graph",
    "find_scenario",
    "hears",
    "json_schema",
    "list_scenarios",
    "load_scenario",
    "play",
    "resolved",
    "run_scenario",
]


_LAZY = {
    "MakeWindow": "_spectators",
    "Played": "_run",
    "RUNS": "_run",
    "play": "_run",
    "cache_for": "_run_scenario",
    "run_scenario": "_run_scenario",
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
