"""A scenario that has been read and found right."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from soundstage.expectations import Demands
from soundstage.json_text import valid_text
from soundstage.units import WALL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pydantic import JsonValue

    from soundstage.audio.effects import Effect, EffectSettings
    from soundstage.endpoint import SpeechTable
    from soundstage.scenario.cues import ReadyCue
    from soundstage.scenario.floor_plans import FloorPlan
    from soundstage.scenario.kinds import AgentDeclaration
    from soundstage.scenario.providers import Provider
    from soundstage.scenario.room_tables import Edge, Room
    from soundstage.scenario.tables import (
        End,
        Link,
        Record,
        ScenarioTable,
        ToolTable,
        VerdictTable,
    )
    from soundstage.secrets import Secret
    from soundstage.servers import ServerProgram
    from soundstage.tools import FunctionTool


@dataclass(frozen=True)
class EffectDeclaration:
    """An effect of a scenario.

    Attributes:
        name: its name.
        effect_class: the class of its kind.
        settings: an instance of the class's `Settings`.
        folder: what files that it names are relative to.
    """

    name: str
    effect_class: type[Effect]
    settings: EffectSettings
    folder: Path


@dataclass(frozen=True)
class Tool:
    """A tool of a scenario.

    Attributes:
        name: its name.
        settings: its table.
        function: what it is, for its definition; None where only its mock answers, or an MCP
            server.
        env: the variables of its MCP server, filled in.
    """

    name: str
    settings: ToolTable
    function: FunctionTool | None
    env: Mapping[str, Secret]


@dataclass(frozen=True)
class Drawing:
    """What the seed decides in a scenario.

    Attributes:
        varies: what each key may be, in words, by the key's path.
        drawn: what was decided before the run, by the same path.
        other_seed: makes the same file's scenario with another seed.
        undrawn: the tables as they are written, everything included and set, before the seed has
            decided anything; variables are not replaced, but a secret may stand in them.
    """

    varies: Mapping[str, str] = field(default_factory=dict[str, str])
    drawn: Mapping[str, object] = field(default_factory=dict[str, object])
    other_seed: Callable[[int], Scenario] | None = field(default=None, compare=False, repr=False)
    undrawn: Mapping[str, object] = field(default_factory=dict[str, object], repr=False)


@dataclass(frozen=True)
class Scenario:
    """A scenario, its defaults merged, everything it names found.

    Attributes:
        file: where it is written.
        scenario: what it is; the seed is the one that counts.
        providers: those that agents call, the local endpoint aside.
        speech: the engines.
        agents: by name, in the order of their declaration.
        links: which agents hear each other, beside the rooms.
        rooms: by name; their members hear each other.
        effects: by name, those that every scenario knows first.
        tools: by name.
        end: when it ends.
        record: what is kept.
        warnings: what is unusual, one readable line each.
        source_files: every file that it was read from, its own first.
        clock: `wall` or `virtual`: what it is to be played on.
        floors: room to whose turn it is there, of the rooms where that is not free.
        cues: what agents are made to do at which moments.
        drawing: what the seed decides.
        demands: what is expected of a run.
        verdict: what a batch of runs must show; None where nothing is said.
        matrix: key paths, each with the values that it takes in the cells of a batch.
        servers: by name, the programs that run for as long as it is played.
    """

    file: Path
    scenario: ScenarioTable
    providers: Mapping[str, Provider]
    speech: SpeechTable
    agents: Mapping[str, AgentDeclaration]
    links: tuple[Link, ...]
    rooms: Mapping[str, Room]
    effects: Mapping[str, EffectDeclaration]
    tools: Mapping[str, Tool]
    end: End
    record: Record
    warnings: tuple[str, ...]
    source_files: tuple[Path, ...]
    clock: str = WALL
    floors: Mapping[str, FloorPlan] = field(default_factory=dict[str, "FloorPlan"])
    cues: tuple[ReadyCue, ...] = ()
    drawing: Drawing = field(default_factory=Drawing)
    demands: Demands = field(default_factory=Demands)
    verdict: VerdictTable | None = None
    matrix: Mapping[str, tuple[JsonValue, ...]] = field(
        default_factory=dict[str, "tuple[JsonValue, ...]"]
    )
    servers: Mapping[str, ServerProgram] = field(default_factory=dict[str, "ServerProgram"])

    @property
    def stem(self) -> str:
        """The file's name without its ending: what run folders and tests are called."""
        return valid_text(self.file.stem)

    @property
    def name(self) -> str:
        """The title."""
        return self.scenario.name

    @property
    def seed(self) -> int:
        """What all random streams derive from."""
        return self.scenario.seed

    def with_seed(self, seed: int) -> Scenario:
        """The same scenario with another seed, and what that draws."""
        if self.drawing.varies and self.drawing.other_seed is not None:
            return self.drawing.other_seed(seed)
        head = self.scenario.model_copy(update={"seed": seed})
        return replace(self, scenario=head)

    @property
    def under_test(self) -> frozenset[str]:
        """The agents whose faults fail the run."""
        return tested(self.scenario.under_test, self.agents)

    @property
    def finds_keys(self) -> bool:
        """Whether anything in it asks for keys of telephones: only then they are looked for."""
        cues = [cue.table for cue in self.cues]
        moments = [cue.after for cue in cues] + list(self.end.when)
        instances = [one for each in self.demands.expected for one in each.instances]
        expected = [moment for one in instances for moment in one.moments]
        return (
            any(cue.keys is not None for cue in cues)
            or any(moment.is_of_keys for moment in (*moments, *expected))
            or any(agent.agent_class.hears_keys() for agent in self.agents.values())
        )

    def floor_of(self, agent: str) -> FloorPlan | None:
        """The floor that an agent needs in order to speak."""
        return next((plan for plan in self.floors.values() if agent in plan.members), None)

    def is_labelled(self, agent: str) -> bool:
        """Whether an agent's session is told who said what."""
        return any(room.labels for room in self.rooms.values() if agent in room.members)

    @property
    def openers(self) -> tuple[str, ...]:
        """The agents that speak as soon as all agents are ready."""
        return tuple(name for name, agent in self.agents.items() if agent.opens)

    @property
    def edges(self) -> tuple[Edge, ...]:
        """Speaker and listener of every edge: the links' first, then the rooms'."""
        joined: tuple[Link | Room, ...] = (*self.links, *self.rooms.values())
        return tuple(edge for join in joined for edge in join.edges)


def tested(named: tuple[str, ...] | None, agents: Mapping[str, AgentDeclaration]) -> frozenset[str]:
    """The agents under test: those that are named, or else the bots, or else all.

    Args:
        named: what the file says; None where it says nothing.
        agents: all agents.
    """
    if named is not None:
        return frozenset(named)
    bots = frozenset(name for name, agent in agents.items() if agent.agent_class.is_tested)
    return bots or frozenset(agents)


def hears(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """Listener to the speakers it hears, both in the order of declaration."""
    # Once, and as a set: a room of n has n² edges, and each of n² pairs is looked up in them.
    edges = frozenset(scenario.edges)
    return {
        listener: tuple(speaker for speaker in scenario.agents if (speaker, listener) in edges)
        for listener in scenario.agents
    }
