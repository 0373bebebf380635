"""The wires of a simulated run: the local endpoint through its in-process door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from soundstage.endpoint import InProcessTransport, SessionNumbers
from soundstage.realtime import Ids
from soundstage.run.transports import plan_of_call

if TYPE_CHECKING:
    from types import TracebackType

    from soundstage.kernel import Kernel
    from soundstage.realtime import SessionTransport
    from soundstage.scenario._model import Scenario
    from soundstage.seeds import Seeds
    from soundstage.speech import Engines


class SimulatedWires:
    """Makes wires that end in this process; there is no server and no address.

    Args:
        scenario: says what the endpoint answers.
        kernel: the simulated one.
        engines: ears and voice of the local endpoint.
        seeds: of the run.
    """

    endpoint_url = ""

    def __init__(self, scenario: Scenario, kernel: Kernel, engines: Engines, seeds: Seeds) -> None:
        self._scenario = scenario
        self._kernel = kernel
        self._engines = engines
        self._seeds = seeds
        self._numbering = SessionNumbers()
        self._ids = Ids(seeds.stream("endpoint"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing was started."""

    def open(self, agent: str, session: dict[str, Any]) -> SessionTransport:
        """The wire of an agent's session."""
        plan = self._numbering.number(plan_of_call(self._scenario, self._seeds, agent))
        call_id = self._ids.make("rtc_u0")
        return InProcessTransport(self._kernel, plan, self._engines, session, call_id)
