from __future__ import annotations

import pytest

from soundstage.errors import ConnectError, ConnectionLost, ConnectTimeout
from soundstage.units import samples_of_seconds
from soundstage.webrtc import Deadlines
from soundstage.webrtc.connection_watch import CHECK, Watch

SECOND = samples_of_seconds(1)
DEADLINES = Deadlines(
    connect=3 * SECOND, channel=2 * SECOND, track=4 * SECOND, silence=5 * SECOND, grace=5 * SECOND
)


def after(watch: Watch, seconds: float, *, datagrams=0, packets=0, grows=0) -> Exception | None:
    """What the checks of so many seconds come to."""
    for number in range(samples_of_seconds(seconds) // CHECK):
        error = watch.check(datagrams + grows * number, packets)
        if error is not None:
            return error
    return None


def connected(**promised) -> Watch:
    watch = Watch(DEADLINES, **promised)
    watch.state = "connected"
    watch.channel_open = True
    return watch


def test_a_connection_that_is_never_made_misses_its_deadline():
    watch = Watch(DEADLINES)
    watch.state = "connecting"
    assert after(watch, 3) is None
    error = after(watch, 0.25)
    assert isinstance(error, ConnectTimeout)
    assert str(error).startswith("ICE did not complete within 3 s")
    assert "UDP" in str(error)


def test_a_channel_that_never_opens_misses_its_deadline():
    watch = connected()
    watch.channel_open = False
    error = after(watch, 3, packets=1, grows=1)
    assert isinstance(error, ConnectTimeout)
    assert "the event channel did not open within 2 s" in str(error)


def test_a_track_that_never_comes_misses_its_deadline():
    watch = connected()
    assert after(watch, 4, grows=1) is None
    error = after(watch, 0.25, datagrams=99)
    assert isinstance(error, ConnectTimeout)
    assert "no audio track came within 4 s" in str(error)


def test_what_the_far_end_did_not_promise_is_not_waited_for():
    watch = connected(audio=False)
    assert after(watch, 9, grows=1) is None
    watch = Watch(DEADLINES, channel=False)
    watch.state = "connected"
    assert after(watch, 9, packets=1, grows=1) is None


def test_a_call_on_which_nothing_comes_any_more_is_lost_after_five_seconds():
    watch = connected()
    assert after(watch, 60, datagrams=1, packets=1, grows=1) is None
    assert after(watch, 5, datagrams=300, packets=1) is None
    error = after(watch, 1, datagrams=300, packets=1)
    assert isinstance(error, ConnectionLost)
    assert "nothing has come from the far end for 5 s" in str(error)


def test_one_datagram_of_any_kind_is_a_sign_of_life():
    watch = connected()
    assert after(watch, 4.5, datagrams=7, packets=1) is None
    assert after(watch, 4.5, datagrams=8, packets=1) is None


def test_a_disconnected_call_has_five_seconds_to_return():
    watch = connected()
    watch.state = "disconnected"
    assert after(watch, 5) is None
    error = watch.check(0, 1)
    assert isinstance(error, ConnectionLost)
    assert "did not return in 5 s" in str(error)


def test_a_call_that_returns_in_time_has_its_grace_again():
    watch = connected()
    watch.state = "disconnected"
    assert after(watch, 4.75) is None
    watch.state = "connected"
    assert after(watch, 0.5, packets=1, grows=1) is None
    watch.state = "disconnected"
    assert after(watch, 4.75) is None


def test_a_failure_before_the_connection_was_up_means_that_it_could_not_be_made():
    watch = Watch(DEADLINES)
    watch.state = "failed"
    error = watch.check(0, 0)
    assert isinstance(error, ConnectError)
    assert "UDP" in str(error)


@pytest.mark.parametrize(("state", "text"), [("failed", "no longer answers"), ("closed", "closed")])
def test_a_failure_or_an_end_after_that_means_that_it_is_lost(state, text):
    watch = connected()
    assert after(watch, 1, packets=1, grows=1) is None
    watch.state = state
    error = watch.check(9, 9)
    assert isinstance(error, ConnectionLost)
    assert text in str(error)


def test_an_event_channel_that_closes_on_a_call_that_is_up_ends_the_call():
    watch = connected()
    assert after(watch, 1, packets=1, grows=1) is None
    watch.channel_closed = True
    error = after(watch, 0.5, packets=9, grows=1)
    assert isinstance(error, ConnectionLost)
    assert "closed the event channel" in str(error)


def test_a_connection_that_closes_with_its_channel_is_told_for_what_it_is():
    watch = connected()
    watch.channel_closed = True
    assert after(watch, 0.25, packets=1, grows=1) is None
    watch.state = "closed"
    assert "closed the call" in str(after(watch, 0.25))


def asking(**promised) -> Watch:
    watch = Watch(DEADLINES, asks=True, **promised)
    watch.state = "connected"
    watch.channel_open = True
    return watch


def test_a_caller_asks_when_nothing_comes_and_gives_up_a_far_end_that_does_not_answer():
    watch = asking()
    assert after(watch, 10, packets=1, grows=1) is None
    assert not watch.is_quiet
    assert after(watch, 0.5, datagrams=39, packets=1) is None
    assert watch.is_quiet
    assert after(watch, 1.5, datagrams=39, packets=1) is None
    error = after(watch, 0.5, datagrams=39, packets=1)
    assert isinstance(error, ConnectionLost)
    assert str(error) == "nothing has come from the far end for 2 s"


def test_a_far_end_that_answers_may_pause_for_longer():
    watch = asking()
    answers = 0
    for _ in range(5 * 4):
        assert watch.check(0, 1, answers) is None
        answers += 1
    error = watch.check(0, 1, answers)
    assert str(error) == "nothing has come from the far end for 5 s"
