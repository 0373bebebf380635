"""From a scenario's links, rooms and effects to what its mixer works by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.audio.effects import Chain, Link
from soundstage.mixing import Edge, EffectLines, RoutingGraph
from soundstage.scenario import make_effect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soundstage.scenario import Scenario
    from soundstage.seeds import Seeds


def graph_of(scenario: Scenario) -> RoutingGraph:
    """Who hears whom, and how loud."""
    edges = [Edge(speaker, listener) for link in scenario.links for speaker, listener in link.edges]
    for name, room in scenario.rooms.items():
        gains = {edge: level.gain for edge, level in room.levels.items()}
        edges += [Edge(*edge, gains.get(edge, 1.0), name) for edge in room.edges]
    return RoutingGraph(tuple(scenario.agents), edges)


def lines_of(scenario: Scenario, seeds: Seeds) -> EffectLines:
    """What the agents' own lines and the links do to sound; each has instances of its own."""

    def chain(names: Sequence[str], *where: str) -> Chain:
        return Chain(
            [
                Link(
                    name,
                    make_effect(
                        scenario.effects[name], seeds.stream("effects", *where, str(place), name)
                    ),
                )
                for place, name in enumerate(names)
            ]
        )

    lines = {name: agent.line for name, agent in scenario.agents.items()}
    return EffectLines(
        sends={
            name: chain(line.sends, name, "sends") for name, line in lines.items() if line.sends
        },
        hears={
            name: chain(line.hears, name, "hears") for name, line in lines.items() if line.hears
        },
        edges={
            (speaker, listener): chain(link.effects, speaker, "to", listener)
            for link in scenario.links
            for speaker, listener in link.edges
            if link.effects
        },
    )
