"""The transports of the agents' Realtime sessions, on either clock."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, Self

from soundstage.endpoint import CallPlan, InProcessTransport, LocalSettings, SessionNumbers
from soundstage.messages import Entry, events
from soundstage.realtime import Ids

if TYPE_CHECKING:
    from types import TracebackType

    from soundstage.kernel import Address, Kernel
    from soundstage.realtime import SessionTransport
    from soundstage.scenario import Scenario
    from soundstage.secrets import Secret
    from soundstage.seeds import Seeds
    from soundstage.speech import Engines


class SessionTransports(Protocol):
    """Makes the transports of a run, for as long as it is entered.

    Attributes:
        endpoint_url: the local endpoint's base URL, or empty.
        endpoint_key: the one key that opens it; None where there is no endpoint.
    """

    endpoint_url: str
    endpoint_key: Secret | None

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def open(self, agent: str, session: dict[str, Any]) -> SessionTransport:
        """The transport of an agent's session."""
        ...


class CallPlans:
    """How the local endpoint answers the calls of a run, one after the other.

    Args:
        scenario: says what it answers.
        seeds: of the run.
        kernel: whose clock it is.
        journal: where the log's warnings go.
    """

    def __init__(self, scenario: Scenario, seeds: Seeds, kernel: Kernel, journal: Address) -> None:
        self._scenario = scenario
        self._kernel = kernel
        self._journal = journal
        self._seeds = seeds
        self._calls: Counter[str] = Counter()

    def next(self, name: str, *, replaces_model: bool = False) -> CallPlan:
        """The plan of an agent's next call: by its table; any other by the default dialogue."""
        agent = self._scenario.agents.get(name)
        known = "stranger" if agent is None else name
        self._calls[known] += 1
        call = self._calls[known]
        # A later session of the same agent must not repeat the ids of the one before.
        again = (f"call {call}",) if call > 1 else ()
        local = None if agent is None else agent.local
        return CallPlan(
            local=local or LocalSettings(),
            stream=partial(self._seeds.stream, known, "endpoint", *again),
            name=None if agent is None else name,
            replaces_model=replaces_model,
            remark=partial(self._warn, "" if agent is None else name),
        )

    def _warn(self, agent: str, code: str, message: str) -> None:
        warned = events.Warned(pts=self._kernel.now, agent=agent, code=code, message=message)
        self._journal.tell(Entry(warned))


class SimulatedTransports:
    """Makes transports that end in this process; there is no server and no address.

    Args:
        scenario: says what the endpoint answers.
        kernel: the simulated one.
        engines: the local endpoint's.
        seeds: of the run.
        journal: where the log's warnings go.
    """

    endpoint_url = ""
    endpoint_key: Secret | None = None

    def __init__(
        self, scenario: Scenario, kernel: Kernel, engines: Engines, seeds: Seeds, journal: Address
    ) -> None:
        self._scenario = scenario
        self._plans = CallPlans(scenario, seeds, kernel, journal)
        self._kernel = kernel
        self._engines = engines
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
        """The transport of an agent's session."""
        plan = self._numbering.number(self._plans.next(agent))
        call_id = self._ids.make("rtc_u0")
        protocol = self._scenario.agents[agent].protocol
        return InProcessTransport(
            self._kernel, plan, self._engines, session, call_id, protocol=protocol
        )
