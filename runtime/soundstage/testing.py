"""Doubles for tests of one's own agents: what stands around an agent that is not started.

`Agent.bare` makes such an agent from its settings alone; `bare` also says which agents it hears,
in which room it needs the floor, and which folder and tools it has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from soundstage.agent import Agent, Collector
from soundstage.agent.doubles import bare_context, placed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from soundstage.agent import AgentContext, AgentSettings
    from soundstage.tools import ReadyTool

__all__ = ["Collector", "bare"]

A = TypeVar("A", bound=Agent)


def bare(
    make: Callable[[AgentContext], A],
    settings: AgentSettings,
    *,
    name: str = "bare",
    hears: Sequence[str] = (),
    floor: str = "",
    folder: Path | None = None,
    tools: dict[str, ReadyTool] | None = None,
) -> A:
    """An agent that is not started: every message that it would send is in its `sent`, in order.

    Its time stands still at 0, its timers are kept as sent at once, and slow work is done at once.
    Call its handlers as methods.

    Args:
        make: the agent's class, or a function that makes it from its context.
        settings: its table.
        name: the agent's own name.
        hears: the agents it hears.
        floor: the room whose floor it needs in order to speak; empty for none.
        folder: for files of the agent's own.
        tools: the tools it may use, by name.
    """
    sent: list[object] = []
    context = bare_context(
        settings, sent, name=name, hears=tuple(hears), floor=floor, folder=folder, tools=tools
    )
    return placed(make(context), sent, name)
