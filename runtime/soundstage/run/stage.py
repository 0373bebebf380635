"""The stage: where a scenario's actors are made, wired, run and stopped. The one such place."""

from __future__ import annotations

from contextlib import suppress
from functools import cache, partial
from typing import TYPE_CHECKING

from soundstage.agent import VIRTUAL, AgentContext, AgentIdentity, AgentPorts, AgentServices
from soundstage.errors import KernelError, RecordingFailed
from soundstage.kernel import Policy, SimulatedKernel, ThreadedKernel
from soundstage.messages import (
    Cause,
    Entry,
    HangUpRequested,
    Levels,
    Outcome,
    Owner,
    fault_of_break,
    outcome_of,
    outcome_of_break,
    spoiled,
)
from soundstage.mixing import RECORDER_LIMITS, Mixer, Ports, Recorder
from soundstage.run.audience import Attend
from soundstage.run.director import Director
from soundstage.run.event_hub import EventHub, Followers
from soundstage.run.mixer_setup import graph_of, lines_of
from soundstage.run.observers import Spectators, Views
from soundstage.run.plan import Cast, plan_of
from soundstage.run.script import script_of
from soundstage.run.simulated_transports import SimulatedWires
from soundstage.run.subscribers import floor_tools, spawn_followers
from soundstage.run.tool_runner import Toolbench
from soundstage.scenario._model import hears
from soundstage.seeds import Seeds
from soundstage.speech import CacheWarmup, Engines
from soundstage.units import samples_of_seconds

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from soundstage.cache import Cache
    from soundstage.kernel import Address, Kernel
    from soundstage.messages.events import Fault
    from soundstage.mixing import Archive
    from soundstage.run.transports import Wires
    from soundstage.scenario._model import Scenario
    from soundstage.units import Samples

AGENTS_STOP_WITHIN = samples_of_seconds(1.2)
"""Hanging up politely may take a moment; with the rest it must stay under the 3 s of Ctrl-C."""

OTHERS_STOP_WITHIN = samples_of_seconds(0.6)

_NO_OUTCOME = Cause(
    owner=Owner.INFRASTRUCTURE, reason="kernel", message="the run ended with no outcome"
)

NEVER = Policy(on_fault="end")
"""A run cannot do without these actors: where one of them fails, the kernel breaks the run off."""


class Stage:
    """One run of one scenario, on the wall clock or on the virtual one.

    Args:
        scenario: what is played; everything in it knows its clock.
        archive: what keeps it.
        folder: the run folder.
        views: how it is followed from outside.
        hang_up: says why the run is to be broken off, or nothing; looked at between turns.
        conclude: ends the run's artefacts, once nothing more is to be recorded; returns how the
            run came out in the end.
        cache: what the speech engines need not compute again, or None.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        archive: Archive,
        folder: Path,
        views: Views,
        hang_up: Callable[[], str],
        conclude: Callable[[Outcome, Samples], Outcome],
        cache: Cache | None = None,
    ) -> None:
        self._scenario = scenario
        self._archive = archive
        self._folder = folder
        self._views = views
        self._hang_up = hang_up
        self._conclude = conclude
        self._seeds = Seeds(scenario.seed)
        self._engines = Engines(
            synthesizer=scenario.speech.synthesizer,
            recognizer=scenario.speech.recognizer,
            vad=scenario.speech.vad,
            cache=cache,
        )
        self._outcome: Outcome | None = None
        self._stopped_by: KernelError | None = None
        self._hung_up = False

    @property
    def engines(self) -> Engines:
        """The speech engines of the run."""
        return self._engines

    def play(self) -> Outcome:
        """Run the scenario to its end; returns how it came out.

        Raises:
            InfrastructureError: the local endpoint, or a server of tools, could not be started.
            UsageError: an agent has two tools of one name.
        """
        with (
            CacheWarmup(self._engines, script_of(self._scenario) if self._is_virtual else ()),
            self._make_kernel() as kernel,
            self._make_wires(kernel) as wires,
            Toolbench(self._scenario, is_instant=kernel.executor.is_instant) as bench,
        ):
            plan = plan_of(self._scenario)
            hub = kernel.spawn("events", lambda: EventHub(plan.opening), policy=NEVER)
            director = kernel.spawn(
                "director", lambda: Director(plan, hub, self._done(kernel)), policy=NEVER
            )
            outside = Spectators(self._views, kernel, hub)
            recorder = kernel.spawn(
                "recorder",
                lambda: Recorder(self._archive, outside.audience, outside.monitor),
                limits=RECORDER_LIMITS,
                policy=NEVER,
            )
            mixer = self._spawn_mixer(kernel, recorder, hub, outside.audience)
            agents = {
                name: self._spawn_agent(kernel, name, mixer, hub, director, outside, wires, bench)
                for name in self._scenario.agents
            }
            mixer.tell(Ports(agents))
            followers = spawn_followers(kernel, self._scenario, self._seeds, agents, mixer, hub)
            hub.tell(Followers((recorder, director), director))
            director.tell(Cast(agents, mixer, followers))
            self._run(kernel, director)
            kernel.stop([list(agents.values())], AGENTS_STOP_WITHIN)
            kernel.stop([followers, [mixer], [director], [hub]], OTHERS_STOP_WITHIN)
            end = kernel.now
            late = kernel.stop([[recorder]], OTHERS_STOP_WITHIN).killed
            outcome = self._judged(kernel, recorder, is_late=bool(late))
            if (broken := kernel.broken) is not None and broken.actor not in agents:
                self._log_fault(fault_of_break(broken, end), outside.audience)
            outcome = self._conclude(outcome, end)
            outside.audience.tell(Entry(outcome.event(end)))
            kernel.stop(outside.groups, OTHERS_STOP_WITHIN)
            return outcome

    @property
    def _is_virtual(self) -> bool:
        return self._scenario.clock == VIRTUAL

    def _make_kernel(self) -> Kernel:
        return SimulatedKernel() if self._is_virtual else ThreadedKernel()

    def _make_wires(self, kernel: Kernel) -> Wires:
        made = (self._scenario, kernel, self._engines, self._seeds)
        if self._is_virtual:
            return SimulatedWires(*made)
        # Only a live run pays for WebRTC and HTTP.
        from soundstage.run.live_transports import LiveWires  # noqa: PLC0415

        return LiveWires(*made)

    def _spawn_mixer(
        self, kernel: Kernel, recorder: Address, hub: Address, audience: Address
    ) -> Address:
        graph, lines = graph_of(self._scenario), lines_of(self._scenario, self._seeds)
        return kernel.spawn(
            "mixer",
            lambda: Mixer(
                graph=graph, lines=lines, recorder=recorder, journal=hub, display=audience
            ),
            policy=NEVER,
        )

    def _spawn_agent(
        self,
        kernel: Kernel,
        name: str,
        mixer: Address,
        hub: Address,
        director: Address,
        outside: Spectators,
        wires: Wires,
        bench: Toolbench,
    ) -> Address:
        declared = self._scenario.agents[name]
        settings = declared.settings
        context = AgentContext(
            identity=self._identity_of(name),
            ports=AgentPorts(
                mixer=mixer,
                journal=hub,
                open_wire=lambda session: wires.open(name, session),
                endpoint_url=wires.endpoint_url,
                notify=outside.notify(name),
            ),
            services=AgentServices(
                engines=self._engines,
                # A restarted agent draws on from where it left off, and so repeats no id.
                stream=cache(partial(self._seeds.stream, name)),
                run_tool=bench.run,
                tools=bench.tools_of(name) | floor_tools(self._scenario, name),
                folder=self._folder,
            ),
        )
        policy = Policy(on_fault=settings.on_fault, restarts=settings.restarts)
        address = kernel.spawn(
            name, lambda: declared.agent_class(context), policy=policy, watcher=director
        )
        bench.agents[name] = address
        follows = {each for each in (Entry, Levels) if declared.agent_class.handler_of(each)}
        if follows:
            outside.audience.tell(Attend(address, frozenset(follows)))
        return address

    def _identity_of(self, name: str) -> AgentIdentity:
        settings = self._scenario.agents[name].settings
        floor = self._scenario.floor_of(name)
        return AgentIdentity(
            name=name,
            settings=settings,
            hears=hears(self._scenario).get(name, ()),
            voice=settings.voice or "alloy",
            floor=floor.room if floor else "",
            labels=self._scenario.is_labelled(name),
            log_wire=self._scenario.record.wire,
            scenario=self._scenario.name,
        )

    def _done(self, kernel: Kernel) -> Callable[[Outcome], None]:
        def done(outcome: Outcome) -> None:
            self._outcome = outcome
            kernel.finish()

        return done

    def _look_for_hang_up(self, director: Address) -> None:
        by = self._hang_up()
        if by and not self._hung_up:
            self._hung_up = True
            director.tell(HangUpRequested(by))

    def _run(self, kernel: Kernel, director: Address) -> None:
        try:
            kernel.run(between=lambda: self._look_for_hang_up(director))
        except KernelError as error:
            self._stopped_by = error

    def _log_fault(self, fault: Fault, audience: Address) -> None:
        """Log what no actor could log: the fault of one that the run cannot do without."""
        with suppress(RecordingFailed):  # the archive remembers it, and so spoils the outcome
            self._archive.event(fault)
        audience.tell(Entry(fault))

    def _judged(self, kernel: Kernel, recorder: Address, *, is_late: bool) -> Outcome:
        """How the run came out; nothing of it can happen any more."""
        outcome = self._outcome or outcome_of(_NO_OUTCOME)
        stopped_by = kernel.broken or self._stopped_by
        if stopped_by is not None and (self._outcome is None or outcome.kind == "ended"):
            outcome = outcome_of_break(stopped_by, self._scenario.under_test)
        lost = kernel.drops(recorder).get("Mixed", 0)
        if lost or is_late:
            message = (
                "the recorder did not end in time: the end of the run may be missing"
                if is_late
                else f"{lost} ticks were too late to be recorded"
            )
            cause = Cause(owner=Owner.INFRASTRUCTURE, reason="recording", message=message)
            outcome = spoiled(outcome, cause)
        return outcome
