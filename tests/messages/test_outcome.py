"""How a run came out, from what decided it."""

from __future__ import annotations

import pytest

from soundstage.messages import (
    Cause,
    Outcome,
    Owner,
    attributed,
    outcome_of,
    outcome_of_end,
    outcome_of_hang_up,
    spoiled,
    worse,
)
from soundstage.messages.events import RunEnded

ENDED = Outcome("ended", "turns", 0)
LOST = Cause(owner=Owner.INFRASTRUCTURE, reason="recording", message="full")


def fault(owner: Owner = Owner.AGENT, *, place: str = "") -> Cause:
    return Cause(owner=owner, reason="fault:bob", message="ValueError: x", place=place)


def owner_of(cause: Cause, actor: str) -> str:
    return attributed(cause, actor, agents=("bob", "eve"), under_test={"bob"}).owner


def test_a_guard_that_is_reached_fails_the_run_and_alone_it_ends_it() -> None:
    assert outcome_of_end("max", guarded=True).exit_code == 1
    assert outcome_of_end("max", guarded=True).explanation
    assert outcome_of_end("max", guarded=False).exit_code == 0
    assert outcome_of_end("turns", guarded=True).exit_code == 0


def test_hanging_up_is_an_end_only_where_it_is_declared() -> None:
    assert outcome_of_hang_up("interrupt", declared=False).exit_code == 130
    assert outcome_of_hang_up("terminate", declared=False).exit_code == 143
    assert outcome_of_hang_up("interrupt", declared=True).exit_code == 0


def test_a_fault_is_the_agents_only_where_that_is_under_test() -> None:
    assert owner_of(fault(), "bob") == "agent"
    assert owner_of(fault(), "eve") == "simulator"


def test_a_fault_of_no_agent_is_the_machinerys_unless_code_of_the_user_has_it() -> None:
    assert owner_of(fault(), "mixer") == "infrastructure"
    assert owner_of(fault(place="policy.py:3"), "floor of lobby") == "simulator"


def test_a_fault_of_the_infrastructure_stays_that_whatever_actor_has_it() -> None:
    assert owner_of(fault(Owner.INFRASTRUCTURE), "bob") == "infrastructure"


@pytest.mark.parametrize(
    ("owner", "kind", "code"),
    [
        (Owner.AGENT, "failed", 1),
        (Owner.SIMULATOR, "invalid", 3),
        (Owner.INFRASTRUCTURE, "invalid", 3),
    ],
)
def test_only_an_agents_fault_fails_a_run(owner: Owner, kind: str, code: int) -> None:
    outcome = outcome_of(fault(owner))
    assert (outcome.kind, outcome.reason, outcome.exit_code) == (kind, "fault:bob", code)


def test_of_what_comes_after_the_end_only_a_failed_agent_counts() -> None:
    failed, invalid = outcome_of(fault()), outcome_of(LOST)
    interrupted = outcome_of_hang_up("interrupt", declared=False)
    assert worse(ENDED, failed) == failed
    assert worse(ENDED, invalid) == ENDED
    for first in (failed, invalid, interrupted):
        assert worse(first, outcome_of(fault(place="other.py:1"))) == first


def test_a_recording_that_is_not_whole_spoils_only_a_run_that_ended_well() -> None:
    assert spoiled(ENDED, LOST) == outcome_of(LOST)
    for other in (outcome_of(fault()), outcome_of_hang_up("interrupt", declared=False)):
        assert spoiled(other, LOST) == other


def test_the_last_line_of_the_log_says_all_of_it() -> None:
    outcome = outcome_of(LOST)
    assert outcome.event(480) == RunEnded(
        pts=480, outcome="invalid", reason="recording", exit_code=3, cause=LOST
    )
