"""How the local endpoint answers the calls of a run, one after the other."""

from __future__ import annotations

from soundstage.kernel import Actor, SimulatedKernel
from soundstage.run.transports import CallPlans
from soundstage.scenario import load_scenario
from soundstage.seeds import Seeds


def test_a_later_session_of_an_agent_draws_no_number_of_an_earlier_one_again() -> None:
    names = ["alice", "bob", "alice", "stranger", "stranger"]
    kernel = SimulatedKernel()
    journal = kernel.spawn("journal", Actor)

    def drawn() -> list[float]:
        plans = CallPlans(load_scenario("alice_bob"), Seeds(1), kernel, journal)
        return [plans.next(name).stream("ids").random() for name in names]

    assert len(set(drawn())) == len(names)
    assert drawn() == drawn()
