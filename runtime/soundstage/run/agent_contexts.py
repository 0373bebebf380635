"""From an agent of the scenario to what it is handed when it is made."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from typing import TYPE_CHECKING

from msgspec import Struct

from soundstage.agent import AgentContext, AgentIdentity, AgentPorts, AgentServices
from soundstage.scenario import hears
from soundstage.tools import GIVE_FLOOR, GiveFloorTool, ReadyTool

if TYPE_CHECKING:
    from pathlib import Path

    from soundstage.run.addresses import Addresses
    from soundstage.run.observers import Observers
    from soundstage.run.tool_runner import ToolRunner
    from soundstage.run.transports import SessionTransports
    from soundstage.scenario import Scenario
    from soundstage.seeds import Seeds
    from soundstage.servers import RunningServer
    from soundstage.speech import Engines


class AgentContexts(Struct, frozen=True, kw_only=True):
    """Makes the contexts of a run's agents.

    Attributes:
        scenario: says who they are.
        addresses: where they send.
        observers: show their notices.
        transports: of their Realtime sessions.
        tools: runs their tools.
        engines: the speech engines of the run.
        seeds: of the run.
        folder: the run folder.
        servers: the programs that run, by name.
    """

    scenario: Scenario
    addresses: Addresses
    observers: Observers
    transports: SessionTransports
    tools: ToolRunner
    engines: Engines
    seeds: Seeds
    folder: Path
    servers: Mapping[str, RunningServer] = {}

    def context_of(self, name: str) -> AgentContext:
        """What the agent of this name is handed.

        Raises:
            UsageError: two of its tools have the same name.
        """
        return AgentContext(
            identity=self._identity_of(name),
            ports=AgentPorts(
                mixer=self.addresses.mixer,
                journal=self.addresses.hub,
                open_wire=lambda session: self.transports.open(name, session),
                endpoint_url=self.transports.endpoint_url,
                endpoint_key=self.transports.endpoint_key,
                notify=self.observers.notify(name),
            ),
            services=AgentServices(
                engines=self.engines,
                # A restarted agent draws on from where it left off, and so repeats no id.
                stream=cache(partial(self.seeds.stream, name)),
                run_tool=self.tools.run,
                tools=self.tools.tools_of(name) | _floor_tools(self.scenario, name),
                folder=self.folder,
                servers=self.servers,
                source_folder=self.scenario.file.parent,
            ),
        )

    def _identity_of(self, name: str) -> AgentIdentity:
        settings = self.scenario.agents[name].settings
        floor = self.scenario.floor_of(name)
        return AgentIdentity(
            name=name,
            settings=settings,
            hears=hears(self.scenario).get(name, ()),
            voice=settings.voice or "alloy",
            floor=floor.room if floor else "",
            labels=self.scenario.is_labelled(name),
            log_wire=self.scenario.record.wire,
            scenario=self.scenario.name,
        )


def _floor_tools(scenario: Scenario, agent: str) -> dict[str, ReadyTool]:
    """The tool by which an agent passes the floor, where it is a moderator."""
    plan = scenario.floor_of(agent)
    if plan is None or plan.moderator != agent:
        return {}
    others = tuple(name for name in plan.members if name != agent)
    return {GIVE_FLOOR: ReadyTool(GiveFloorTool(others), answered=False)}
