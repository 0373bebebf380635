"""Scenario files: from TOML to a model in which everything is found, and from there to a run.

Playing loads WebRTC and HTTP, so `play` is loaded when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from soundstage.scenario._behaviour import AnsweringTable, Behaviour, load_behaviour
from soundstage.scenario._graph import describe_graph
from soundstage.scenario._load import load_scenario
from soundstage.scenario._model import AgentDeclaration, Scenario, Tool, hears
from soundstage.scenario._providers import LOCAL, Provider
from soundstage.scenario._resolved import resolved
from soundstage.scenario._schema import json_schema
from soundstage.scenario._shipped import Listed, find_scenario, list_scenarios
from soundstage.scenario._tables import End, Link, Mock, Record, SpeechTable, ToolTable
from soundstage.scenario._voices import VOICES
from soundstage.scenario._watched import WatchedBehaviour

if TYPE_CHECKING:
    from soundstage.scenario._local_endpoint import Chooser, LocalEndpoint, endpoint_server
    from soundstage.scenario._run import RUNS, Played, play
    from soundstage.scenario._run_scenario import cache_for, run_scenario
    from soundstage.scenario._spectators import MakeWindow

__all__ = [
    "LOCAL",
    "RUNS",
    "VOICES",
    "AgentDeclaration",
    "AnsweringTable",
    "Behaviour",
    "Chooser",
    "End",
    "Link",
    "Listed",
    "LocalEndpoint",
    "MakeWindow",
    "Mock",
    "Played",
    "Provider",
    "Record",
    "Scenario",
    "SpeechTable",
    "Tool",
    "ToolTable",
    "WatchedBehaviour",
    "cache_for",
    "describe_graph",
    "endpoint_server",
    "find_scenario",
    "hears",
    "json_schema",
    "list_scenarios",
    "load_behaviour",
    "load_scenario",
    "play",
    "resolved",
    "run_scenario",
]


_LAZY = {
    "MakeWindow": "_spectators",
    "Chooser": "_local_endpoint",
    "LocalEndpoint": "_local_endpoint",
    "endpoint_server": "_local_endpoint",
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
