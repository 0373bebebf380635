"""Which agents hear each other, as text to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.scenario._model import hears

if TYPE_CHECKING:
    from soundstage.scenario._model import AgentDeclaration, Scenario


def describe_graph(scenario: Scenario) -> str:
    """The agents, and which of them hear each other: some lines of text."""
    heard = hears(scenario)
    width = max(map(len, scenario.agents))
    lines = [scenario.name, ""]
    ways = _ways(scenario)
    for agent in scenario.agents.values():
        speakers = ", ".join(
            f"{speaker}{ways.get((speaker, agent.name), '')}" for speaker in heard[agent.name]
        )
        speakers = speakers or "no other agent"
        lines.append(f"  {agent.name:{width}}  hears {speakers}")
        lines.append(f"  {'':{width}}  {_described(agent)}")
    return "\n".join([*lines, "", *_arrows(scenario, width)])


def _ways(scenario: Scenario) -> dict[tuple[str, str], str]:
    """What is said of the way from a speaker to a listener, where it changes the sound."""
    ways: dict[tuple[str, str], list[str]] = {}
    for link in scenario.links:
        for edge in link.edges if link.effects else ():
            ways[edge] = list(link.effects)
    for room in scenario.rooms.values():
        for edge, level in room.levels.items():
            ways[edge] = [str(level)]
    return {edge: f" ({' + '.join(what)})" for edge, what in ways.items()}


def _described(agent: AgentDeclaration) -> str:
    about = [agent.kind]
    about += [f"calls {agent.provider}"] if agent.provider else []
    about += [f"voice {agent.voice}"] if agent.voice else []
    about += [f"sends over {' + '.join(agent.line.sends)}"] if agent.line.sends else []
    about += [f"hears over {' + '.join(agent.line.hears)}"] if agent.line.hears else []
    return ", ".join(about)


def _arrows(scenario: Scenario, width: int) -> list[str]:
    edges = scenario.edges
    lines: list[str] = []
    for speaker, listener in edges:
        mutual = (listener, speaker) in edges
        if mutual and edges.index((listener, speaker)) < edges.index((speaker, listener)):
            continue
        arrow = "<-->" if mutual else "--->"
        lines.append(f"  {speaker:{width}} {arrow} {listener}")
    return lines
