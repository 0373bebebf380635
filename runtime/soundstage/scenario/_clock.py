"""Whether a scenario can be played on the clock that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.scenario._providers import LOCAL
from soundstage.units import VIRTUAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soundstage.config import Diagnostics, Document
    from soundstage.scenario._model import AgentDeclaration


def check_clock(
    clock: str, agents: Mapping[str, AgentDeclaration], document: Document, diagnostics: Diagnostics
) -> None:
    """Note every agent that cannot keep the clock, with the reason."""
    for name, agent in agents.items():
        known = agent.agent_class.clocks
        if clock not in known:
            reason = (
                f'agents of the kind "{agent.kind}" keep the {" and the ".join(sorted(known))} '
                f"clock only: it cannot be played with --clock {clock}"
            )
            diagnostics.add(document.place_of(("agents", name, "kind")), reason)
        elif clock == VIRTUAL and agent.provider not in {None, LOCAL}:
            reason = (
                f'the provider "{agent.provider}" answers in its own time: on the virtual clock '
                f'there is only "{LOCAL}"'
            )
            diagnostics.add(document.place_of(("agents", name, "provider")), reason)
