"""The tools of a run: kept and run apart from its actors and its audio."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Self

from soundstage.config.values import arguments_match
from soundstage.errors import PortalClosed, UsageError
from soundstage.kernel import Portal
from soundstage.tools import (
    McpServer,
    MockTool,
    ReadyTool,
    ServedTool,
    answer,
    answer_async,
    late,
)
from soundstage.tools import Tool as AnyTool
from soundstage.units import samples_of_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from soundstage.kernel import Address
    from soundstage.scenario import Scenario, Tool
    from soundstage.tools import Answer

_log = logging.getLogger("soundstage")

SERVERS_START_WITHIN = samples_of_seconds(30)
SERVERS_STOP_WITHIN = samples_of_seconds(6)

MARGIN = samples_of_seconds(2)
"""Wall time beyond its own after which a tool is given up that blocks its loop."""


class ToolRunner:
    """Runs tools, those that are awaited on a loop of their own: one that blocks holds up no call.

    It is entered for as long as the run lasts.

    Args:
        scenario: whose tools.
        agents: name to address, for the tools that agents serve.
        is_instant: whether no time passes for the agents while a tool runs.
    """

    def __init__(
        self, scenario: Scenario, agents: Mapping[str, Address], *, is_instant: bool
    ) -> None:
        self._scenario = scenario
        self._agents = agents
        self._is_instant = is_instant
        self._portal: Portal | None = None
        self._servers: dict[str, McpServer] = {}
        self._offered: dict[str, Sequence[AnyTool]] = {}

    def __enter__(self) -> Self:
        used = {name for agent in self._scenario.agents.values() for name in agent.tools}
        tools = [self._scenario.tools[name] for name in sorted(used)]
        if not any(_needs_loop(tool) for tool in tools):
            return self
        self._portal = Portal()
        try:
            self._portal.run(self._open, tools, within=SERVERS_START_WITHIN)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._portal is None:
            return
        try:
            self._portal.run(self._close, within=SERVERS_STOP_WITHIN)
        except (TimeoutError, PortalClosed) as slow:
            _log.warning("the servers of tools did not stop in time: %s", slow)
        self._portal.close()

    def tools_of(self, agent: str) -> dict[str, ReadyTool]:
        """The tools that an agent may call, by the names that its model knows.

        Raises:
            UsageError: two of them have the same name.
        """
        ready: dict[str, ReadyTool] = {}
        for name in self._scenario.agents[agent].tools:
            for each in self._made(self._scenario.tools[name]):
                if each.tool.name in ready:
                    raise UsageError(f"{agent} has two tools called {each.tool.name}")
                ready[each.tool.name] = each
        return ready

    def run(self, ready: ReadyTool, name: str, arguments: str) -> Answer:
        """Run a tool, and wait for it: in a job, which may wait as an actor may not."""
        portal = self._portal
        if portal is None or not ready.tool.is_async:
            return answer(ready.tool, name, arguments)
        run = partial(answer_async, ready.tool, name, arguments, within=ready.timeout)
        try:
            return portal.run(run, within=ready.timeout + MARGIN)
        except TimeoutError:
            # It blocks its loop, which cannot cancel it.
            return late(name, ready.timeout)

    def _made(self, declared: Tool) -> list[ReadyTool]:
        table = declared.settings
        # A mock takes its time on both clocks; on the wall's anything else takes its own.
        latency = table.latency if table.mock or self._is_instant else None
        tools = self._offered.get(declared.name) or [self._tool(declared)]
        return [ReadyTool(tool, table.timeout, latency) for tool in tools]

    def _tool(self, declared: Tool) -> AnyTool:
        table, name, function = declared.settings, declared.name, declared.function
        if table.mock:
            return _mock(declared)
        if function is None:
            raise AssertionError(f"the tool {name} has been found right, and is nothing")
        if table.agent is None:
            return function
        return ServedTool(function, self._agents[table.agent].tell)

    async def _open(self, tools: Sequence[Tool]) -> None:
        for tool in tools:
            table = tool.settings.mcp
            if table is None:
                continue
            env = {key: value.reveal() for key, value in tool.env.items()}
            server = McpServer(tool.name, command=table.command, env=env, url=table.url)
            self._servers[tool.name] = server
            self._offered[tool.name] = await server.open()

    async def _close(self) -> None:
        for server in self._servers.values():
            await server.close()


def _needs_loop(tool: Tool) -> bool:
    table, function = tool.settings, tool.function
    is_served = table.mock or table.agent is not None
    return not is_served and (function is None or function.is_async)


def _mock(declared: Tool) -> MockTool:
    table, name, function = declared.settings, declared.name, declared.function
    answers = tuple(
        (partial(arguments_match, mock.when or {}), mock.returns, mock.error) for mock in table.mock
    )
    if function is None:
        return MockTool(name, table.description, dict(table.parameters or {}), answers)
    definition = function.definition()
    return MockTool(name, definition["description"], definition["parameters"], answers)
