"""A scenario's tools, made ready to be called."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from soundstage.tools import FunctionTool, MockTool, ReadyTool, Tool
from soundstage.values import arguments_match

if TYPE_CHECKING:
    from soundstage.scenario._model import Scenario
    from soundstage.scenario._model import Tool as Declared


def tools_of(scenario: Scenario, agent: str) -> dict[str, ReadyTool]:
    """The tools that an agent may call, by name."""
    names: tuple[str, ...] = getattr(scenario.agents[agent].settings, "tools", ())
    return {name: _ready(scenario.tools[name]) for name in names}


def _ready(declared: Declared) -> ReadyTool:
    table = declared.settings
    # A mock takes its time on both clocks; on the wall's a function takes its own.
    return ReadyTool(_tool(declared), table.timeout, table.latency if table.mock else None)


def _tool(declared: Declared) -> Tool:
    table, name = declared.settings, declared.name
    function = None if declared.function is None else FunctionTool(name, declared.function)
    if not table.mock and function is not None:
        return function
    answers = tuple(
        (partial(arguments_match, mock.when or {}), mock.returns, mock.error) for mock in table.mock
    )
    if function is None:
        return MockTool(name, table.description, dict(table.parameters or {}), answers)
    definition = function.definition()
    return MockTool(name, definition["description"], definition["parameters"], answers)
