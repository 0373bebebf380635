"""What is certain to be said in a scenario, as far as its file tells."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from soundstage.scenario._model import Scenario


def script_of(scenario: Scenario) -> list[tuple[str, str]]:
    """Text and voice of every written line, everybody's first lines first."""
    agents = [agent for agent in scenario.agents.values() if agent.voice]
    lines = [[(line, agent.voice or "") for line in agent.lines] for agent in agents]
    return [line for nth in zip_longest(*lines) for line in nth if line is not None]
