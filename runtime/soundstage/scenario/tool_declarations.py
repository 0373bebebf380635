"""The tools of a scenario: what each of them is, found when the file is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from soundstage.config.values import expand, suggestion, variables_in
from soundstage.errors import UsageError
from soundstage.scenario.model import Tool
from soundstage.scenario.tables import ToolTable
from soundstage.secrets import Secret
from soundstage.tools import FunctionTool, mark_of, methods_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soundstage.config import Validator
    from soundstage.scenario.kinds import AgentDeclaration


@dataclass(frozen=True)
class Toolmaker:
    """Makes the tools of a document, and notes what is wrong with them.

    Attributes:
        validator: of the document.
        agents: those that are right.
        environment: the variables for MCP servers.
    """

    validator: Validator
    agents: Mapping[str, AgentDeclaration]
    environment: Mapping[str, str]

    def tools(self) -> dict[str, Tool]:
        """The tools that are right, by name."""
        tools: dict[str, Tool] = {}
        for name in self.validator.named_tables("tools"):
            table = self.validator.table(ToolTable, ("tools", name))
            if table is None:
                continue
            try:
                function = self._function(name, table)
            except UsageError as error:
                self._note(name, str(error))
                continue
            tools[name] = Tool(name, _with_mark(table, function), function, self._env(name, table))
        return tools

    def _function(self, name: str, table: ToolTable) -> FunctionTool | None:
        if table.python is not None:
            place = self.validator.document.place_of(("tools", name, "python"))
            found = table.python.beside(place.folder).load()
            if not callable(found):
                raise UsageError(f"{table.python} cannot be called")
            return FunctionTool(name, found)
        if table.agent is not None:
            return self._method(name, table.agent)
        return None

    def _method(self, name: str, agent: str) -> FunctionTool | None:
        if agent not in self.validator.document.table("agents"):
            known = self.validator.document.table("agents")
            raise UsageError(f'there is no agent "{agent}"; {suggestion(agent, known)}')
        if agent not in self.agents:
            return None
        methods = methods_of(self.agents[agent].agent_class)
        if name not in methods:
            hint = suggestion(name, methods, none="none of its methods is marked with @tool")
            raise UsageError(f'the agent {agent} has no tool "{name}"; {hint}')
        return methods[name]

    def _env(self, name: str, table: ToolTable) -> dict[str, Secret]:
        if table.mcp is None:
            return {}
        texts = {key: value.reveal() for key, value in table.mcp.env.items()}
        wanted = [variable for text in texts.values() for variable in variables_in(text)]
        unset = [variable for variable in wanted if not self.environment.get(variable, "").strip()]
        for variable in unset if self._is_used(name) else ():
            place = self.validator.document.place_of(("tools", name))
            self.validator.diagnostics.unset.append(
                f"{place}: its server needs the environment variable {variable}, which is not set"
            )
        if unset:
            return {}
        return {key: Secret(expand(text, self.environment)) for key, text in texts.items()}

    def _is_used(self, name: str) -> bool:
        return any(name in agent.tools for agent in self.agents.values())

    def _note(self, tool: str, reason: str) -> None:
        table = self.validator.document.table("tools", tool)
        keys = [key for key in ("python", "agent") if key in table]
        place = self.validator.document.place_of(("tools", tool, *keys))
        self.validator.diagnostics.add(place, reason)


def _with_mark(table: ToolTable, function: FunctionTool | None) -> ToolTable:
    """The table, with what the function's decorator says where it says nothing."""
    mark = mark_of(function.function) if function is not None else None
    if mark is None:
        return table
    said = {"timeout": mark.timeout, "latency": mark.latency}
    return table.model_copy(
        update={key: value for key, value in said.items() if key not in table.model_fields_set}
    )
