"""The actors of a run: made, wired, run and stopped. The one place that knows all of them."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from itertools import zip_longest
from typing import TYPE_CHECKING

from soundstage.audio.effects import Chain, Link
from soundstage.errors import KernelError, RecordingFailed
from soundstage.floor import FloorController
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
from soundstage.mixing import RECORDER_LIMITS, Edge, EffectLines, Mixer, Recorder, RoutingGraph
from soundstage.run.addresses import NEEDED, Addresses
from soundstage.run.agent_contexts import AgentContexts
from soundstage.run.cache_warmup import CacheWarmup
from soundstage.run.cue_caller import CueCaller, CueTargets
from soundstage.run.director import Director, plan_of
from soundstage.run.event_hub import EventHub
from soundstage.run.observers import Observers, Views
from soundstage.run.tool_runner import ToolRunner
from soundstage.run.transports import SimulatedTransports
from soundstage.scenario import make_effect, outside_at_first
from soundstage.seeds import Seeds
from soundstage.servers import ServerGroup
from soundstage.speech import Engines
from soundstage.transcription import TRANSCRIBER_LIMITS, Transcriber
from soundstage.units import VIRTUAL, samples_of_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from soundstage.cache import Cache
    from soundstage.kernel import Address, Kernel
    from soundstage.messages.events import Fault
    from soundstage.mixing import Archive
    from soundstage.run.transports import SessionTransports
    from soundstage.scenario import Scenario
    from soundstage.servers import RunningServer
    from soundstage.units import Samples

AGENTS_STOP_WITHIN = samples_of_seconds(1.2)
"""Hanging up politely may take a moment; with the rest it must stay under the 3 s of Ctrl-C."""

OTHERS_STOP_WITHIN = samples_of_seconds(0.6)

WORDS_WITHIN = samples_of_seconds(30)
"""How long the words of the last turns may take to be recognised, where they are to be."""

_NO_OUTCOME = Cause(
    owner=Owner.INFRASTRUCTURE, reason="kernel", message="the run ended with no outcome"
)


class ActorSystem:
    """The actors of one run of one scenario, on the wall clock or on the virtual one.

    Args:
        scenario: what is played; everything in it knows its clock.
        archive: what keeps it.
        folder: the run folder.
        views: how it is followed from outside.
        hang_up: says why the run is to be broken off, or nothing; looked at between turns.
        conclude: ends the run's artefacts, once nothing more is to be recorded; returns how the
            run came out in the end.
        cache: what the speech engines need not compute again, or None.
        shared: programs that run already for all runs of a batch.
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
        shared: Mapping[str, RunningServer] | None = None,
    ) -> None:
        self._scenario = scenario
        self._archive = archive
        self._folder = folder
        self._views = views
        self._hang_up = hang_up
        self._servers = ServerGroup(scenario.servers.values(), folder, asked=hang_up, shared=shared)
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
            InfrastructureError: the local endpoint, a server of tools, or a program of `[servers]`
                could not be started.
            UsageError: an agent has two tools of one name.
        """
        script = _script_of(self._scenario) if self._is_virtual else ()
        warmup = CacheWarmup(self._engines, script)
        with self._servers, warmup, self._make_kernel() as kernel:
            addresses = Addresses.reserve(kernel, self._scenario)
            observers = Observers(self._views, self._scenario, addresses, kernel)
            is_instant = kernel.executor.is_instant
            with (
                self._make_transports(kernel, addresses) as transports,
                ToolRunner(self._scenario, addresses.agents, is_instant=is_instant) as tools,
            ):
                contexts = AgentContexts(
                    scenario=self._scenario,
                    addresses=addresses,
                    observers=observers,
                    transports=transports,
                    tools=tools,
                    engines=self._engines,
                    seeds=self._seeds,
                    folder=self._folder,
                    servers=self._servers.running,
                )
                self._spawn(kernel, addresses, observers, contexts)
                self._run(kernel, addresses)
                return self._stop(kernel, addresses, observers)

    @property
    def _is_virtual(self) -> bool:
        return self._scenario.clock == VIRTUAL

    def _make_kernel(self) -> Kernel:
        return SimulatedKernel() if self._is_virtual else ThreadedKernel()

    def _make_transports(self, kernel: Kernel, addresses: Addresses) -> SessionTransports:
        made = (self._scenario, kernel, self._engines, self._seeds, addresses.hub)
        if self._is_virtual:
            return SimulatedTransports(*made)
        # Only a live run pays for WebRTC and HTTP.
        from soundstage.run.live_transports import LiveTransports  # noqa: PLC0415

        return LiveTransports(*made, addresses.agents)

    def _spawn(
        self, kernel: Kernel, addresses: Addresses, observers: Observers, contexts: AgentContexts
    ) -> None:
        """Start every actor; the order is that of their turns within a tick."""
        plan = plan_of(self._scenario)
        hub, recorder, director = addresses.hub, addresses.recorder, addresses.director
        log = partial(EventHub, plan.opening, recorder, director, addresses.transcriber)
        kernel.spawn(hub, log, policy=NEEDED)
        done = partial(self._end_with, kernel)
        kernel.spawn(director, partial(Director, plan, addresses, done), policy=NEEDED)
        observers.spawn()
        feed = addresses.observers
        record = partial(Recorder, self._archive, feed, observers.monitor)
        kernel.spawn(recorder, record, limits=RECORDER_LIMITS, policy=NEEDED)
        transcribe = partial(
            Transcriber, self._engines, hub, recognizes=self._scenario.record.words
        )
        kernel.spawn(addresses.transcriber, transcribe, limits=TRANSCRIBER_LIMITS, policy=NEEDED)
        # Ten times a second, and mostly no observer looks at them.
        self._spawn_mixer(kernel, addresses, feed if observers.shows(Levels) else None)
        for name, declared in self._scenario.agents.items():
            settings, context = declared.settings, contexts.context_of(name)
            kernel.spawn(
                addresses.agents[name],
                partial(declared.agent_class, context),
                policy=Policy(on_fault=settings.on_fault, restarts=settings.restarts),
                watcher=director,
            )
        self._spawn_floors(kernel, addresses)
        if addresses.cues is not None:
            targets = CueTargets.of(self._scenario, addresses)
            kernel.spawn(
                addresses.cues, partial(CueCaller, self._scenario.cues, targets), policy=NEEDED
            )

    def _spawn_mixer(self, kernel: Kernel, addresses: Addresses, display: Address | None) -> None:
        mix = partial(
            Mixer,
            graph=graph_of(self._scenario),
            lines=lines_of(self._scenario, self._seeds),
            listeners=addresses.agents,
            recorder=addresses.recorder,
            transcriber=addresses.transcriber,
            journal=addresses.hub,
            display=display,
            load_vad=lambda: self._engines.vad,
            finds_keys=self._scenario.finds_keys,
        )
        kernel.spawn(addresses.mixer, mix, policy=NEEDED)

    def _spawn_floors(self, kernel: Kernel, addresses: Addresses) -> None:
        for room, plan in self._scenario.floors.items():
            members = {name: addresses.agents[name] for name in plan.members}
            floor = partial(plan.make, self._scenario.openers, self._seeds.stream("floor", room))
            first = outside_at_first(self._scenario.cues)
            outside = [name for name, its in first if its == room]
            control = partial(FloorController, room, floor, members, addresses.hub, outside)
            kernel.spawn(addresses.floors[room], control, policy=NEEDED)

    def _run(self, kernel: Kernel, addresses: Addresses) -> None:
        def look_for_hang_up() -> None:
            by = self._hang_up()
            if by and not self._hung_up:
                self._hung_up = True
                addresses.director.tell(HangUpRequested(by))

        try:
            kernel.run(between=look_for_hang_up)
        except KernelError as error:
            self._stopped_by = error

    def _end_with(self, kernel: Kernel, outcome: Outcome) -> None:
        self._outcome = outcome
        kernel.finish()

    def _stop(self, kernel: Kernel, addresses: Addresses, observers: Observers) -> Outcome:
        """Stop every actor, the sources of sound and events first; returns how the run came out."""
        kernel.stop([list(addresses.agents.values())], AGENTS_STOP_WITHIN)
        kernel.stop([addresses.subscribers, [addresses.mixer]], OTHERS_STOP_WITHIN)
        end = kernel.now
        # A person who stops the run waits for no words, and a broken run may have none to come.
        is_hurried = self._hung_up or kernel.broken is not None
        within = OTHERS_STOP_WITHIN if is_hurried else WORDS_WITHIN
        kernel.stop([[addresses.transcriber]], within)
        kernel.stop([[addresses.director], [addresses.hub]], OTHERS_STOP_WITHIN)
        late = kernel.stop([[addresses.recorder]], OTHERS_STOP_WITHIN).killed
        outcome = self._judged(kernel, addresses, is_late=bool(late))
        if (broken := kernel.broken) is not None and broken.actor not in addresses.agents:
            self._log_fault(fault_of_break(broken, end), addresses)
        outcome = self._conclude(outcome, end)
        addresses.observers.tell(Entry(outcome.event(end)))
        kernel.stop(observers.groups, OTHERS_STOP_WITHIN)
        return outcome

    def _log_fault(self, fault: Fault, addresses: Addresses) -> None:
        """Log what no actor could log: the fault of one that the run cannot do without."""
        with suppress(RecordingFailed):  # the archive remembers it, and so spoils the outcome
            self._archive.event(fault)
        addresses.observers.tell(Entry(fault))

    def _judged(self, kernel: Kernel, addresses: Addresses, *, is_late: bool) -> Outcome:
        """How the run came out; nothing of it can happen any more."""
        outcome = self._outcome or outcome_of(_NO_OUTCOME)
        stopped_by = kernel.broken or self._stopped_by
        if stopped_by is not None and (self._outcome is None or outcome.kind == "ended"):
            outcome = outcome_of_break(stopped_by, self._scenario.under_test)
        lost = kernel.drops(addresses.recorder).get("Mixed", 0)
        if lost or is_late:
            message = (
                "the recorder did not end in time: the end of the run may be missing"
                if is_late
                else f"{lost} ticks were too late to be recorded"
            )
            cause = Cause(owner=Owner.INFRASTRUCTURE, reason="recording", message=message)
            outcome = spoiled(outcome, cause)
        return outcome


def _script_of(scenario: Scenario) -> list[tuple[str, str]]:
    """Text and voice of each written line, the first lines of all agents first.

    They are certain to be said, as far as the file tells.
    """
    agents = [agent for agent in scenario.agents.values() if agent.voice]
    lines = [[(line, agent.voice or "") for line in agent.lines] for agent in agents]
    return [line for nth in zip_longest(*lines) for line in nth if line is not None]


def graph_of(scenario: Scenario) -> RoutingGraph:
    """Which agents hear each other, and how loud."""
    edges = [Edge(speaker, listener) for link in scenario.links for speaker, listener in link.edges]
    for name, room in scenario.rooms.items():
        gains = {edge: level.gain for edge, level in room.levels.items()}
        edges += [Edge(*edge, gains.get(edge, 1.0), name) for edge in room.edges]
    return RoutingGraph(tuple(scenario.agents), edges)


def lines_of(scenario: Scenario, seeds: Seeds) -> EffectLines:
    """What the agents' own lines and the links do to sound; each has instances of its own."""

    def chain(names: Sequence[str], *where: str) -> Chain:
        return Chain(
            [
                Link(
                    name,
                    make_effect(
                        scenario.effects[name], seeds.stream("effects", *where, str(place), name)
                    ),
                )
                for place, name in enumerate(names)
            ]
        )

    lines = {name: agent.line for name, agent in scenario.agents.items()}
    return EffectLines(
        sends={
            name: chain(line.sends, name, "sends") for name, line in lines.items() if line.sends
        },
        hears={
            name: chain(line.hears, name, "hears") for name, line in lines.items() if line.hears
        },
        edges={
            (speaker, listener): chain(link.effects, speaker, "to", listener)
            for link in scenario.links
            for speaker, listener in link.edges
            if link.effects
        },
    )
