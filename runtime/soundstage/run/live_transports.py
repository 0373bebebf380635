"""The transports of a live run: calls to the local endpoint, or to a provider."""

from __future__ import annotations

import asyncio
import logging
import secrets
from typing import TYPE_CHECKING, Any, Self

from msgspec.structs import replace

from soundstage.agent import AsyncAgent, WorkFailed
from soundstage.endpoint import AGENT_HEADER, EndpointServer, is_in_place_of_model
from soundstage.errors import InfrastructureError, PortalClosed
from soundstage.run.transports import CallPlans
from soundstage.scenario import LOCAL
from soundstage.secrets import Secret
from soundstage.units import samples_of_seconds, seconds_of
from soundstage.webrtc import Provider, WebRtcTransport
from soundstage.websocket import WebSocketTransport

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from types import TracebackType

    from soundstage.endpoint import CallPlan
    from soundstage.kernel import Address, Kernel
    from soundstage.realtime import SessionTransport
    from soundstage.scenario import Scenario
    from soundstage.seeds import Seeds
    from soundstage.speech import Engines
    from soundstage.units import Samples
    from soundstage.webrtc import CallTransport

_log = logging.getLogger("soundstage")

ENDPOINT_STARTS_WITHIN = samples_of_seconds(30)
ENDPOINT_STOPS_WITHIN = samples_of_seconds(2)

_KEY_BYTES = 24
"""192 bits: the key cannot be found by trying."""

CALLS_END_WITHIN = samples_of_seconds(2)
"""A provider that is not told of the end would keep the session, and bill it."""


class LiveTransports:
    """Makes transports over a network; starts the local endpoint if any agent calls it.

    Args:
        scenario: says which agent calls which endpoint.
        kernel: whose portal the calls live on.
        engines: the local endpoint's.
        seeds: of the run.
        journal: where the log's warnings go.
        agents: name to address, for what the local endpoint lacks that is to answer one.
    """

    def __init__(
        self,
        scenario: Scenario,
        kernel: Kernel,
        engines: Engines,
        seeds: Seeds,
        journal: Address,
        agents: Mapping[str, Address],
    ) -> None:
        self._scenario = scenario
        self._kernel = kernel
        self._engines = engines
        self._seeds = seeds
        self._plans = CallPlans(scenario, seeds, kernel, journal)
        self._agents = agents
        self._server: EndpointServer | None = None
        self._calls: list[CallTransport] = []
        self.endpoint_url = ""
        # Whatever else runs on this machine, a page in a browser too, reaches the port.
        self.endpoint_key: Secret | None = Secret(secrets.token_urlsafe(_KEY_BYTES))

    def __enter__(self) -> Self:
        agents = self._scenario.agents.values()
        if any(agent.provider == LOCAL for agent in agents) or any(
            issubclass(agent.agent_class, AsyncAgent) for agent in agents
        ):
            self._server = EndpointServer(
                self._choose,
                engines=self._engines,
                api_key=self.endpoint_key.reveal() if self.endpoint_key else None,
                executor=self._kernel.executor,
            )
            self.endpoint_url = self._start(self._server)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._calls:
            self._stop("the calls", self._hang_up, CALLS_END_WITHIN)
        if self._server is not None:
            self._stop("the local endpoint", self._server.close, ENDPOINT_STOPS_WITHIN)

    def open(self, agent: str, session: dict[str, Any]) -> SessionTransport:
        """The transport of an agent's session."""
        provider = replace(self._provider_of(agent), protocol=self._scenario.agents[agent].protocol)
        make = WebSocketTransport if provider.transport == "websocket" else WebRtcTransport
        call = make(self._kernel.portal, provider, session)
        self._calls.append(call)
        return call

    def _start(self, server: EndpointServer) -> str:
        try:
            return self._kernel.portal.run(server.start, within=ENDPOINT_STARTS_WITHIN)
        except TimeoutError:
            seconds = seconds_of(ENDPOINT_STARTS_WITHIN)
            raise InfrastructureError(
                f"the local endpoint was not ready within {seconds:g} s: its speech engines take "
                "a second or two to load, so see what else keeps this machine busy"
            ) from None

    def _stop(self, what: str, stop: Callable[[], Awaitable[None]], within: Samples) -> None:
        try:
            self._kernel.portal.run(stop, within=within)
        except (TimeoutError, PortalClosed) as late:
            _log.warning("%s did not end in time: %s", what, late)

    async def _hang_up(self) -> None:
        await asyncio.gather(*(call.wait_closed() for call in self._calls))

    def _provider_of(self, agent: str) -> Provider:
        name = self._scenario.agents[agent].provider or LOCAL
        if name == LOCAL:
            return Provider(
                name=LOCAL,
                base_url=self.endpoint_url,
                api_key=self.endpoint_key,
                headers={AGENT_HEADER: agent},
            )
        declared = self._scenario.providers[name]
        return Provider(
            name=name,
            base_url=declared.base_url,
            api_key=declared.api_key,
            auth="ephemeral" if declared.auth == "ephemeral" else "key",
            headers={k: v.reveal() for k, v in declared.headers.items()},
            query={k: v.reveal() for k, v in declared.query.items()},
            transport=declared.transport,
            model_in=declared.model_in,
        )

    def _choose(self, names: tuple[str, ...]) -> CallPlan:
        """How the local endpoint answers: by the table of the agent that calls, or is the model.

        A program inside an agent cannot always set headers, but it can always name a model.
        """
        name = next((name for name in names if name in self._scenario.agents), "")
        named = is_in_place_of_model(name, names)
        plan = self._plans.next(name, replaces_model=named)
        agent = None if plan.name is None else self._agents.get(plan.name)
        if agent is None:
            return plan

        # The endpoint is a part of this run: what it lacks is no answer of a model to be judged.
        def lose(error: Exception) -> None:
            agent.tell(WorkFailed(error))

        return replace(plan, lose=lose)
