from __future__ import annotations

from itertools import pairwise

from dummy_run import at, voice
from hypothesis import given
from hypothesis import strategies as st

from soundstage.messages.events import VoiceStarted, VoiceStopped
from soundstage.results.history import Interval, audible, intersection, total, touching, union

LISTS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(-2, 10)).map(lambda p: Interval(p[0], p[0] + p[1]))
)


def points(intervals) -> set[int]:
    return {pts for interval in intervals for pts in range(interval.start, interval.end)}


@given(these=LISTS, those=LISTS)
def test_arithmetic_on_intervals_is_arithmetic_on_sets_of_samples(these, those):
    this, that = union(these), union(those)
    assert points(this) == points(these)
    assert points(union(these, those)) == points(these) | points(those)
    assert points(intersection(this, that)) == points(this) & points(that)
    assert total(this) == len(points(these))
    assert all(a.end < b.start for a, b in pairwise(this))


@given(these=LISTS, start=st.integers(-5, 70), length=st.integers(1, 70))
def test_what_touches_a_span_is_what_has_time_in_it(these, start, length):
    this, span = union(these), Interval(start, start + length)
    expected = [each for each in this if each.end > span.start and each.start < span.end]
    assert list(touching(this, span)) == expected


def test_intervals_of_one_track_come_from_its_own_events():
    changes = [*voice("a", "said", 1, 2), *voice("b", "said", 1.5, 3), *voice("a", "said", 4, 5)]
    assert audible(changes, at(9)) == {
        ("a", "said"): (Interval(at(1), at(2)), Interval(at(4), at(5))),
        ("b", "said"): (Interval(at(1.5), at(3)),),
    }


def test_a_voice_that_does_not_stop_ends_with_the_run():
    assert audible(voice("a", "said", 1, None), at(3)) == {("a", "said"): (Interval(at(1), at(3)),)}


def test_a_meter_that_began_anew_loses_no_sound():
    changes = [
        VoiceStopped(pts=1, agent="a", track="said"),
        VoiceStarted(pts=5, agent="a", track="said"),
        VoiceStarted(pts=7, agent="a", track="said"),
        VoiceStopped(pts=9, agent="a", track="said"),
    ]
    assert audible(changes, 20) == {("a", "said"): (Interval(5, 9),)}
