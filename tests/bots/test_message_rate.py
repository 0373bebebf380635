"""How many messages a bot may send."""

import pytest

from soundstage.bots import message_rate
from soundstage.bots.message_rate import AT_ONCE, PER_SECOND, MessageRate
from soundstage.errors import BotFailed
from soundstage.units import SAMPLE_RATE


class Clock:
    now = classmethod(lambda cls: cls.pts)
    pts = 0


@pytest.fixture
def clock(monkeypatch):
    clock = type("ThisClock", (Clock,), {})
    monkeypatch.setattr(message_rate, "AsyncClock", clock)
    return clock


def test_a_long_reply_may_come_at_once_and_not_much_more(clock):
    rate = MessageRate()
    for _ in range(AT_ONCE):
        rate.take()
    with pytest.raises(BotFailed, match="at most 20,000 at once"):
        rate.take()


def test_so_many_a_second_may_come_for_ever(clock):
    rate = MessageRate()
    for second in range(60):
        clock.pts = second * SAMPLE_RATE
        for _ in range(PER_SECOND):
            rate.take()


def test_ever_more_a_second_is_a_flood(clock):
    rate = MessageRate()

    def flood():
        for second in range(60):
            clock.pts = second * SAMPLE_RATE
            for _ in range(2 * PER_SECOND):
                rate.take()

    with pytest.raises(BotFailed, match="2,000 a second"):
        flood()
