"""A scenario's tools, made ready to be called."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from soundstage.tools import FunctionTool, MockTool, Tool
from soundstage.values import arguments_match

if TYPE_CHECKING:
    from soundstage.scenario._models import Scenario


def tools_of(scenario: Scenario, agent: str) -> dict[str, Tool]:
    """The tools that an agent may call, by name."""
    names: tuple[str, ...] = getattr(scenario.agents[agent].settings, "tools", ())
    return {name: _tool(name, scenario.tools[name]) for name in names}


def _tool(name: str, table: Any) -> Tool:
    function = None if table.python is None else FunctionTool(name, table.python.load())
    if table.mock is None:
        if function is None:
            raise AssertionError(f"tools.{name} was checked to have python or mock")
        return function
    answers = tuple(
        (partial(arguments_match, mock.when or {}), mock.returns, mock.error)
        for mock in table.mock
    )
    if function is not None:
        definition = function.definition()
        return MockTool(name, definition["description"], definition["parameters"], answers)
    return MockTool(name, table.description, table.parameters, answers)
