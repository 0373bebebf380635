"""From a scenario's links and rooms to the graph that its mixer works by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.room import Edge, Graph

if TYPE_CHECKING:
    from soundstage.scenario._model import Scenario


def graph_of(scenario: Scenario) -> Graph:
    """Who hears whom, and how loud."""
    edges = [Edge(speaker, listener) for link in scenario.links for speaker, listener in link.edges]
    for name, room in scenario.rooms.items():
        gains = room.gains
        edges += [
            Edge(speaker, listener, gains.get((speaker, listener), 1.0), name)
            for speaker, listener in room.edges
        ]
    return Graph(tuple(scenario.agents), edges)
