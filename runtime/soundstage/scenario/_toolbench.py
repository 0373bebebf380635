"""Where the tools of a run are kept and run, apart from its actors and its audio."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from soundstage.agent import WorkDone, WorkFailed
from soundstage.config.values import arguments_match
from soundstage.errors import PortalClosed, UsageError
from soundstage.kernel import Portal
from soundstage.scenario._tools import tool_names
from soundstage.tools import (
    McpServer,
    MockTool,
    ReadyTool,
    ServedTool,
    ToolThreads,
    answer,
    answer_async,
    late,
)
from soundstage.tools import Tool as AnyTool
from soundstage.units import Samples, samples_of_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from types import TracebackType

    from soundstage.kernel import Actor, Address
    from soundstage.scenario._model import Scenario, Tool
    from soundstage.tools import Answer

_log = logging.getLogger("soundstage")

SERVERS_START_WITHIN = samples_of_seconds(30)
SERVERS_STOP_WITHIN = samples_of_seconds(6)

MARGIN = samples_of_seconds(2)
"""Wall time beyond its own that a tool may hold the virtual clock, should it block its loop."""


class Toolbench:
    """Runs tools on a loop of their own: one that blocks it holds up no call.

    It is entered for as long as the run lasts.

    Args:
        scenario: whose tools.
        is_virtual: whether the clock stands still while a tool runs.

    Attributes:
        agents: name to address, for tools that agents serve; filled as they are spawned.
    """

    def __init__(self, scenario: Scenario, *, is_virtual: bool) -> None:
        self._scenario = scenario
        self._is_virtual = is_virtual
        self._portal: Portal | None = None
        self._threads: ToolThreads | None = None
        self._servers: dict[str, McpServer] = {}
        self._offered: dict[str, Sequence[AnyTool]] = {}
        self.agents: dict[str, Address] = {}

    def __enter__(self) -> Self:
        used = {name for agent in self._scenario.agents.values() for name in tool_names(agent)}
        tools = [self._scenario.tools[name] for name in sorted(used)]
        if not any(_may_wait(tool) for tool in tools):
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
        for name in tool_names(self._scenario.agents[agent]):
            for each in self._made(self._scenario.tools[name]):
                if each.tool.name in ready:
                    raise UsageError(f"{agent} has two tools called {each.tool.name}")
                ready[each.tool.name] = each
        return ready

    def call(
        self,
        actor: Actor,
        ready: ReadyTool | None,
        name: str,
        arguments: str,
        then: Callable[[Answer], None],
    ) -> None:
        """Run a tool; `then` is called in a turn of the actor."""
        if ready is None or isinstance(ready.tool, MockTool) or self._portal is None:
            then(answer(None if ready is None else ready.tool, name, arguments))
            return
        run = partial(self._run, ready, name, arguments)
        if self._is_virtual:
            wait = ready.timeout + MARGIN
            actor.do_between_turns(lambda: self._waited(run, name, wait, then))
            return
        actor.run_async(
            run(), result=lambda given: WorkDone(then, given), error=WorkFailed, portal=self._portal
        )

    async def _run(self, ready: ReadyTool, name: str, arguments: str) -> Answer:
        if self._threads is None:
            self._threads = ToolThreads()
        return await answer_async(
            ready.tool, name, arguments, threads=self._threads, within=ready.timeout
        )

    def _waited(
        self,
        run: Callable[[], Coroutine[Any, Any, Answer]],
        name: str,
        within: Samples,
        then: Callable[[Answer], None],
    ) -> WorkDone:
        portal = self._portal
        try:
            given = late(name, within) if portal is None else portal.run(run, within=within)
        except TimeoutError:
            given = late(name, within)
        return WorkDone(then, given)

    def _made(self, declared: Tool) -> list[ReadyTool]:
        table = declared.settings
        # A mock takes its time on both clocks; on the wall's anything else takes its own.
        latency = table.latency if table.mock or self._is_virtual else None
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
        return ServedTool(function, partial(self._tell, table.agent))

    def _tell(self, agent: str, message: object) -> None:
        self.agents[agent].tell(message)

    async def _open(self, tools: Sequence[Tool]) -> None:
        for tool in tools:
            table = tool.settings.mcp
            if table is None:
                continue
            env = {key: value.get_secret_value() for key, value in tool.env.items()}
            server = McpServer(tool.name, command=table.command, env=env, url=table.url)
            self._servers[tool.name] = server
            self._offered[tool.name] = await server.open()

    async def _close(self) -> None:
        for server in self._servers.values():
            await server.close()


def _may_wait(tool: Tool) -> bool:
    table = tool.settings
    return not table.mock and table.agent is None


def _mock(declared: Tool) -> MockTool:
    table, name, function = declared.settings, declared.name, declared.function
    answers = tuple(
        (partial(arguments_match, mock.when or {}), mock.returns, mock.error) for mock in table.mock
    )
    if function is None:
        return MockTool(name, table.description, dict(table.parameters or {}), answers)
    definition = function.definition()
    return MockTool(name, definition["description"], definition["parameters"], answers)
