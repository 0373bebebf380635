from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from soundstage.mixing import Edge, MixBus, RoutingGraph
from soundstage.mixing.mix_bus import NAMED
from soundstage.mixing.soft_room import SoftRoom
from soundstage.units import FRAME_SAMPLES, SILENCE

FULL = 32_767


def noise(seed, members, loudest):
    draw = np.random.Generator(np.random.PCG64(seed))
    return draw.integers(-loudest, loudest + 1, (members, FRAME_SAMPLES)).astype("<i2")


def magnitude(frame):
    return int(np.abs(np.frombuffer(frame, "<i2").astype(int)).max())


def by_the_rule(said, sounding):
    """What each hears, in numbers that no sum is too large for, one member at a time."""
    heard = []
    for listener in range(len(said)):
        others = [said[each] for each in sounding if each != listener]
        total = sum((np.frombuffer(pcm, "<i2").astype(int) for pcm in others), np.zeros(480, int))
        heard.append(total.astype("<i2").tobytes() if total.any() else SILENCE)
    return heard


def ticks_of(members):
    return st.tuples(
        st.just(members),
        st.sets(st.integers(0, members - 1), min_size=1).map(sorted),
        st.integers(0, 2**32 - 1),
        st.sampled_from([0, 1, 300, FULL]),
    )


ticks = st.integers(3, 12).flatmap(ticks_of)


def tick(members, sounding, seed, loudest):
    frames = noise(seed, members, loudest // len(sounding))
    return [frames[each].tobytes() if each in sounding else SILENCE for each in range(members)]


@given(ticks)
def test_soft_voices_are_summed_in_sixteen_bits_to_the_sums_of_the_rule(drawn):
    members, sounding, *_ = drawn
    said = tick(*drawn)
    mixed = SoftRoom(members).mix(said, sounding)
    expected = by_the_rule(said, sounding)
    assert mixed.heard == expected
    assert [pcm is SILENCE for pcm in mixed.heard] == [pcm is SILENCE for pcm in expected]
    assert mixed.loudness == [magnitude(said[each]) for each in sounding]
    assert mixed.peaks.tolist() == [magnitude(frame) for frame in (*said, *expected)]
    assert mixed.peaks.dtype == np.int32


@given(st.lists(ticks_of(5), min_size=2, max_size=5))
def test_a_tick_leaves_nothing_behind_that_the_next_one_would_hear(drawn):
    room = SoftRoom(5)
    for each in drawn:
        said = tick(*each)
        assert room.mix(said, each[1]).heard == by_the_rule(said, each[1])


@given(st.integers(0, 2**32 - 1))
def test_voices_that_may_be_too_loud_together_are_left_to_others_until_they_are_soft_again(seed):
    room, everyone = SoftRoom(4), range(4)
    loud = [frame.tobytes() for frame in noise(seed, 4, FULL)]
    soft = [frame.tobytes() for frame in noise(seed, 4, FULL // 4)]
    for said in (soft, loud, loud, soft, soft):
        mixed = room.mix(said, everyone)
        if said is loud:
            assert mixed is None
        else:
            assert mixed.heard == by_the_rule(said, everyone)


@given(
    st.integers(3, 12).flatmap(
        lambda members: st.tuples(
            st.just(members), st.lists(st.integers(0, members - 1), min_size=1, unique=True)
        )
    )
)
def test_a_member_of_a_room_is_told_of_the_loudest_others(drawn):
    members, loudest = drawn
    names = [f"m{place}" for place in range(members)]
    named = SoftRoom(members).named(names, loudest, NAMED)
    for listener in range(members):
        others = [names[each] for each in loudest if each != listener]
        assert named[listener] == tuple(others[:NAMED])


def test_the_bus_gives_the_same_mix_whether_or_not_the_room_can_be_summed_at_once():
    names = tuple("abcde")
    edges = [Edge(a, b, 1.0, "hall") for a in names for b in names if a != b]
    at_once, rest = MixBus(RoutingGraph(names, edges)), MixBus(RoutingGraph(names, edges))
    rest._room = None
    for seed, loudest in enumerate([6000, 6000, FULL, 30, FULL, *[900] * 60]):
        said = [frame.tobytes() for frame in noise(seed, 5, loudest)]
        said[seed % 7 % 5] = SILENCE
        first, second = at_once.mix(said), rest.mix(said)
        assert (first.heard, first.speakers) == (second.heard, second.speakers)
        assert first.peaks.tolist() == second.peaks.tolist()
        assert at_once.limited == rest.limited
    assert any(rest.limited)
