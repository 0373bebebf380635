"""How many messages an agent may send."""

from __future__ import annotations

import pytest

from soundstage.agent.message_budget import AT_ONCE, PER_SECOND, MessageBudget
from soundstage.errors import TooManyMessages
from soundstage.units import FRAME_SAMPLES, SAMPLE_RATE


def spent(budget: MessageBudget, now: int) -> int:
    """How many messages go until one is refused."""
    count = 0
    while True:
        try:
            budget.spend(now)
        except TooManyMessages:
            return count
        count += 1


def test_so_many_go_at_once_and_the_next_is_refused_by_the_name_of_the_sender() -> None:
    budget = MessageBudget("flood")
    assert spent(budget, 0) == AT_ONCE
    with pytest.raises(TooManyMessages, match="flood sends too much"):
        budget.spend(0)


def test_time_earns_more_up_to_what_goes_at_once() -> None:
    budget = MessageBudget("flood")
    spent(budget, 0)
    assert spent(budget, SAMPLE_RATE) == PER_SECOND
    assert spent(budget, 100 * SAMPLE_RATE) == AT_ONCE


def test_an_agent_that_sends_ten_a_tick_is_never_refused() -> None:
    budget = MessageBudget("busy")
    for tick in range(10_000):
        for _ in range(10):
            budget.spend(tick * FRAME_SAMPLES)
