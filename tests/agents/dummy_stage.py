"""Agents on the virtual clock, with a mixer that is real and engines that are not."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from dummy_engines import DummyEngines

from soundstage.agent import AgentContext, AgentIdentity, AgentPorts, AgentServices
from soundstage.kernel import Actor, SimulatedKernel, handles
from soundstage.messages import Begin, Entry, Join, Mixed
from soundstage.mixing import Edge, Mixer, RoutingGraph

if TYPE_CHECKING:
    from soundstage.agent import Agent
    from soundstage.kernel import Address
    from soundstage.messages.events import Event
    from soundstage.units import Samples


class Keeper(Actor):
    """Keeps what happens, and tells it to those who watch."""

    def __init__(self, kept: list[Any], watchers: list[Address]) -> None:
        super().__init__()
        self.kept = kept
        self.watchers = watchers

    @handles(Entry)
    def keep(self, entry: Entry) -> None:
        self.kept.append(entry.event)
        for watcher in self.watchers:
            watcher.tell(entry)

    @handles(Mixed)
    def ignore(self, _: Mixed) -> None:
        pass


def agent_context(**fields: Any) -> AgentContext:
    """A context from the fields of its three parts."""
    parts = {"identity": AgentIdentity, "ports": AgentPorts, "services": AgentServices}
    made = {
        part: kind(**{name: fields.pop(name) for name in kind.__struct_fields__ if name in fields})
        for part, kind in parts.items()
    }
    assert not fields, fields
    return AgentContext(**made)


class DummyStage:
    """Each agent hears all others; what happens is in `log`."""

    def __init__(self, kernel: SimulatedKernel, *names: str) -> None:
        self.kernel = kernel
        self.log: list[Event] = []
        self.watchers: list[Address] = []
        self.names = names
        self.hears = {name: tuple(n for n in names if n != name) for name in names}
        self.journal = kernel.spawn("journal", lambda: Keeper(self.log, self.watchers))
        self.agents: dict[str, Address] = {}
        self.mixer = kernel.spawn(
            "mixer",
            lambda: Mixer(
                graph=self.graph(),
                listeners=self.agents,
                recorder=self.journal,
                journal=self.journal,
            ),
        )

    def graph(self) -> RoutingGraph:
        edges = [Edge(s, listener) for listener, heard in self.hears.items() for s in heard]
        return RoutingGraph(self.names, edges)

    def cast(self, name: str, kind: type[Agent], **given: Any) -> Address:
        settings = kind.Settings.model_validate(given.pop("settings", {}))
        known: dict[str, Any] = {
            "name": name,
            "settings": settings,
            "mixer": self.mixer,
            "journal": self.journal,
            "hears": self.hears[name],
            "engines": DummyEngines(),
            "voice": "alloy",
            "stream": random.Random,
            "open_wire": None,
        }
        context = agent_context(**{**known, **given})
        self.agents[name] = self.kernel.spawn(name, lambda: kind(context))
        return self.agents[name]

    def begin(self, *openers: str) -> None:
        for name, agent in self.agents.items():
            self.mixer.tell(Join(name))
            agent.tell(Begin(openers))
        self.kernel.settle()

    def run(self, duration: Samples) -> None:
        self.kernel.run_for(duration)

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.log if isinstance(event, kind)]
