"""Who hears whom, for eyes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.scenario._model import hears

if TYPE_CHECKING:
    from soundstage.scenario._model import AgentDeclaration, Scenario


def describe_graph(scenario: Scenario) -> str:
    """The agents, and who hears whom: some lines of text."""
    heard = hears(scenario)
    width = max(map(len, scenario.agents))
    lines = [scenario.name, ""]
    for agent in scenario.agents.values():
        speakers = ", ".join(heard[agent.name]) or "nobody"
        lines.append(f"  {agent.name:{width}}  hears {speakers}")
        lines.append(f"  {'':{width}}  {_described(agent)}")
    return "\n".join([*lines, "", *_arrows(scenario, width)])


def _described(agent: AgentDeclaration) -> str:
    about = [agent.kind]
    about += [f"calls {agent.provider}"] if agent.provider else []
    about += [f"voice {agent.voice}"] if agent.voice else []
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
