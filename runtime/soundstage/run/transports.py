"""Where each agent's Realtime session is: what the stage asks of either clock's wires."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, Self

from soundstage.endpoint import CallPlan, LocalSettings

if TYPE_CHECKING:
    from types import TracebackType

    from soundstage.realtime import SessionTransport
    from soundstage.scenario._model import Scenario
    from soundstage.seeds import Seeds


class Wires(Protocol):
    """Makes the wires of a run, for as long as it is entered.

    Attributes:
        endpoint_url: the local endpoint's base URL, or empty.
    """

    endpoint_url: str

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def open(self, agent: str, session: dict[str, Any]) -> SessionTransport:
        """The wire of an agent's session."""
        ...


def plan_of_call(scenario: Scenario, seeds: Seeds, name: str) -> CallPlan:
    """How the local endpoint answers an agent: by its table; a stranger gets small talk."""
    agent = scenario.agents.get(name)
    local = None if agent is None else agent.local
    stream = partial(seeds.stream, "stranger" if agent is None else name, "endpoint")
    return CallPlan(local=local or LocalSettings(), stream=stream)
