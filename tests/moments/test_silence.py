"""Silences, found in the events of a run and in the time that passes."""

from __future__ import annotations

from soundstage.config.values import Moment
from soundstage.messages import events
from soundstage.moments import KNOWN_WITHIN, MomentMatcher
from soundstage.units import Samples, samples_of_seconds

S = samples_of_seconds(1)


def watch(*written: dict[str, object]) -> MomentMatcher:
    """A matcher that has seen Ann and Bob come in at 1 s."""
    made = MomentMatcher([Moment.model_validate(each) for each in written])
    opening = events.RunStarted(
        pts=0, schema=1, scenario="s", seed=0, clock="virtual", agents=("ann", "bob"), hears={}
    )
    for event in (
        opening,
        events.Joined(pts=0, agent="ann"),
        events.Joined(pts=S, agent="bob"),
    ):
        assert made.observe(event) == []
    return made


def starts(agent: str, at: float) -> events.VoiceStarted:
    return events.VoiceStarted(pts=int(at * S), agent=agent, track="said")


def stops(agent: str, at: float) -> events.VoiceStopped:
    return events.VoiceStopped(pts=int(at * S), agent=agent, track="said")


def told(matcher: MomentMatcher, at: float) -> list[tuple[int, int, Samples]]:
    """Place, times and time of the moments that are known at a time, in seconds."""
    return [(each.place, each.times, each.pts) for each in matcher.pass_time(int(at * S))]


def test_the_first_silence_begins_when_all_agents_have_come_in() -> None:
    matcher = watch({"silence": "5s"})
    assert matcher.next_silence == 6 * S + KNOWN_WITHIN
    assert told(matcher, 6) == []
    assert told(matcher, 6.1) == [(0, 1, 6 * S)]


def test_an_agent_that_never_comes_in_is_waited_for_no_longer() -> None:
    matcher = MomentMatcher([Moment.model_validate({"silence": "1s"})])
    matcher.observe(
        events.RunStarted(
            pts=0, schema=1, scenario="s", seed=0, clock="virtual", agents=("ann", "bob"), hears={}
        )
    )
    matcher.observe(events.Joined(pts=0, agent="ann"))
    assert told(matcher, 30) == []
    matcher.observe(events.Left(pts=30 * S, agent="bob", reason="fault"))
    assert matcher.next_silence == 31 * S + KNOWN_WITHIN


def test_it_comes_once_in_each_silence() -> None:
    matcher = watch({"silence": "2s"})
    assert told(matcher, 3.5) == [(0, 1, 3 * S)]
    assert matcher.next_silence is None
    assert told(matcher, 60) == []
    matcher.observe(starts("ann", 61))
    assert matcher.next_silence is None
    matcher.observe(stops("ann", 62))
    assert told(matcher, 64.1) == [(0, 2, 64 * S)]


def test_the_room_is_silent_when_the_last_voice_has_stopped() -> None:
    matcher = watch({"silence": "2s"})
    for event in (starts("ann", 2), starts("bob", 3), stops("ann", 4)):
        matcher.observe(event)
    assert told(matcher, 30) == []
    matcher.observe(stops("bob", 31))
    assert matcher.next_silence == 33 * S + KNOWN_WITHIN


def test_one_agent_is_silent_while_another_one_speaks() -> None:
    matcher = watch({"agent": "bob", "silence": "2s"})
    matcher.observe(starts("ann", 1.5))
    assert told(matcher, 3.1) == [(0, 1, 3 * S)]


def test_what_an_agent_hears_is_no_voice_of_its_own() -> None:
    matcher = watch({"agent": "bob", "silence": "2s"})
    matcher.observe(events.VoiceStarted(pts=2 * S, agent="bob", track="heard"))
    assert told(matcher, 3.1) == [(0, 1, 3 * S)]


def test_a_silence_that_a_voice_ends_too_early_is_none() -> None:
    matcher = watch({"silence": "2s"})
    assert matcher.observe(starts("ann", 2.99)) == []
    assert told(matcher, 30) == []


def test_a_silence_that_was_long_enough_is_told_with_the_voice_that_ends_it() -> None:
    """The voice is known before the silence is."""
    matcher = watch({"silence": "2s"})
    [happening] = matcher.observe(starts("ann", 3.01))
    assert happening.pts == 3 * S


def test_an_agent_that_has_left_is_not_silent_but_the_others_are() -> None:
    matcher = watch({"agent": "bob", "silence": "2s"}, {"silence": "2s"})
    matcher.observe(starts("bob", 2))
    matcher.observe(events.Left(pts=3 * S, agent="bob", reason="its own"))
    # What the meter still tells of it changes nothing.
    matcher.observe(stops("bob", 2.9))
    assert told(matcher, 60) == [(1, 1, 5 * S)]


def test_a_silent_agent_that_leaves_does_not_begin_a_new_silence() -> None:
    matcher = watch({"silence": "10s"})
    matcher.observe(events.Left(pts=5 * S, agent="bob", reason="its own"))
    assert matcher.next_silence == 11 * S + KNOWN_WITHIN


def test_only_the_nth_silence_counts() -> None:
    matcher = watch({"silence": "1s", "nth": 2})
    assert told(matcher, 3) == []
    matcher.observe(starts("ann", 3))
    matcher.observe(stops("ann", 4))
    assert told(matcher, 6) == [(0, 1, 5 * S)]


def test_the_events_of_a_whole_run_are_enough() -> None:
    matcher = watch({"silence": "2s"})
    seen = [starts("ann", 10), stops("ann", 11), starts("bob", 12), stops("bob", 14)]
    found = [happening.pts for event in seen for happening in matcher.observe(event)]
    assert found == [3 * S]
    assert told(matcher, 20) == [(0, 2, 16 * S)]
