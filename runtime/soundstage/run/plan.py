"""What a director is told: what to direct, and whom."""

from __future__ import annotations

from msgspec import Struct

from soundstage.kernel import Address
from soundstage.messages import events
from soundstage.run.endings import Endings
from soundstage.scenario._model import Scenario, hears
from soundstage.units import Samples


class Cast(Struct, frozen=True):
    """Whom the director directs.

    Attributes:
        agents: name to address.
        mixer: the mixer's address.
        followers: those who act on what happens: floors, cues. They are told when the run begins
            and winds down.
    """

    agents: dict[str, Address]
    mixer: Address
    followers: tuple[Address, ...] = ()


class Plan(Struct, frozen=True, kw_only=True):
    """What the director directs.

    Attributes:
        opening: the run's first event.
        under_test: the agents whose faults fail the run.
        endings: when it ends.
        longest: when it ends at the latest, counted from its beginning.
        guarded: whether `longest` is a guard that fails the run, other ends being declared.
        openers: the agents that have something to say as soon as everybody is ready.
        recognizers: the agents that write down what they hear; None for all.
    """

    opening: events.RunStarted
    under_test: frozenset[str]
    endings: Endings
    longest: Samples
    guarded: bool
    openers: tuple[str, ...] = ()
    recognizers: frozenset[str] | None = None


def plan_of(scenario: Scenario) -> Plan:
    """What is directed in a scenario."""
    end = scenario.end
    agents = tuple(scenario.agents)
    opening = events.RunStarted(
        pts=0,
        schema=events.EVENT_SCHEMA_VERSION,
        scenario=scenario.stem,
        seed=scenario.seed,
        clock=scenario.clock,
        agents=agents,
        hears=hears(scenario),
    )
    return Plan(
        opening=opening,
        under_test=scenario.under_test,
        endings=Endings(turns=end.turns, silence=end.silence, when=end.when),
        longest=end.max,
        guarded=end.has_conditions,
        openers=scenario.openers,
        recognizers=frozenset(name for name, agent in scenario.agents.items() if agent.recognizes),
    )
