from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from soundstage.mixing import Edge, MixBus, RoutingGraph
from soundstage.units import FRAME_SAMPLES, SILENCE

NAMES = tuple("abcdefghijkl")


def room(count, **gains):
    names = NAMES[:count]
    return RoutingGraph(
        names,
        [
            Edge(speaker, listener, gains.get(f"{listener}_{speaker}", 1.0), "hall")
            for speaker in names
            for listener in names
            if speaker != listener
        ],
    )


def tone(level):
    return (np.ones(FRAME_SAMPLES) * level).astype("<i2").tobytes()


def levels(frames):
    return [int(np.frombuffer(frame, "<i2")[-1]) for frame in frames]


def test_everyone_hears_the_sum_of_the_others():
    mixes = MixBus(room(4)).mix([tone(1000), tone(200), tone(30), SILENCE])
    assert levels(mixes.heard) == [230, 1030, 1200, 1230]
    assert mixes.peaks.tolist() == [1000, 200, 30, 0, 230, 1030, 1200, 1230]


def test_one_who_hears_one_speaker_is_given_that_very_frame():
    said = [tone(1000), SILENCE, SILENCE]
    heard = MixBus(room(3)).mix(said).heard
    assert heard[0] is SILENCE
    assert heard[1] is heard[2] is said[0]
    two = [tone(1000), tone(5)]
    assert MixBus(room(2)).mix(two).heard == [two[1], two[0]]


def test_a_tick_in_which_no_member_sounds_costs_nothing():
    mixes = MixBus(room(3)).mix([SILENCE] * 3)
    assert all(frame is SILENCE for frame in mixes.heard)
    assert mixes.speakers == [(), (), ()]


def test_a_gain_is_for_one_listener_and_one_speaker():
    bus = MixBus(room(3, a_b=0.5))
    assert levels(bus.mix([tone(1000), tone(200), tone(30)]).heard) == [130, 1030, 1200]
    assert levels(bus.mix([SILENCE, tone(200), SILENCE]).heard) == [100, 0, 200]


def test_too_many_loud_voices_are_turned_down_and_not_clipped():
    bus = MixBus(room(4))
    for _ in range(3):
        heard = bus.mix([tone(20_000), tone(20_000), tone(20_000), SILENCE]).heard
    assert levels(heard) == [32_767] * 4
    bus.mix([tone(1000), SILENCE, SILENCE, SILENCE])
    assert bus.limited == [3, 4, 4, 4]


def test_a_mix_names_eight_speakers_the_loudest_first():
    frames = [tone(1000 + 10 * place) for place in range(12)]
    speakers = MixBus(room(12)).mix(frames).speakers
    assert speakers[0] == tuple("lkjihgfe")
    assert speakers[11] == tuple("kjihgfed")
    assert speakers[8] == tuple("lkjhgfed")


def test_a_mix_names_only_those_in_it():
    graph = RoutingGraph(tuple("abc"), [Edge("a", "b"), Edge("c", "b")])
    assert MixBus(graph).mix([tone(5), tone(7), tone(9)]).speakers == [(), ("c", "a"), ()]


def test_who_leaves_a_room_neither_hears_nor_is_heard_until_he_is_back():
    graph = room(3)
    bus = MixBus(graph)
    said = [tone(1000), tone(200), tone(30)]
    graph.leave("b", "hall")
    bus.rewire()
    assert levels(bus.mix(said).heard) == [30, 0, 1000]
    assert graph.listeners_of("b") == ()
    graph.enter("b", "hall")
    bus.rewire()
    assert levels(bus.mix(said).heard) == [230, 1030, 1200]


def test_a_link_stays_open_when_a_room_is_left():
    graph = RoutingGraph(("a", "b"), [Edge("a", "b")])
    graph.leave("b", "hall")
    assert graph.listeners_of("a") == ("b",)


@given(st.integers(2, 12), st.integers(0, 2**32), st.data())
def test_a_tick_is_the_same_bytes_every_time(count, seed, data):
    draw = np.random.Generator(np.random.PCG64(seed))
    said = [
        draw.integers(-32768, 32768, FRAME_SAMPLES).astype("<i2").tobytes()
        if data.draw(st.booleans())
        else SILENCE
        for _ in range(count)
    ]
    one, other = MixBus(room(count, a_b=0.3)), MixBus(room(count, a_b=0.3))
    for _ in range(2):
        first, second = one.mix(said), other.mix(said)
        assert first.heard == second.heard
        assert first.peaks.tolist() == second.peaks.tolist()
        for frame, peak in zip(first.heard, first.peaks[count:].tolist(), strict=True):
            assert np.abs(np.frombuffer(frame, "<i2").astype(int)).max() == peak


PAIRS = RoutingGraph(NAMES[:4], [Edge(*pair) for pair in ("ab", "ba", "cd", "dc")])
FRAMES = st.sampled_from([SILENCE, SILENCE, tone(7), tone(1000)])


@given(
    st.sampled_from([PAIRS, room(2), room(4), room(4, a_b=0.5)]),
    st.lists(st.lists(FRAMES, min_size=4, max_size=4), min_size=1, max_size=8),
)
def test_mixes_made_ahead_are_those_of_each_tick(graph, ticks):
    members = len(graph.members)
    ticks = [tick[:members] for tick in ticks]
    columns = [list(column) for column in zip(*ticks, strict=True)]
    said = [c if any(pcm is not SILENCE for pcm in c) else None for c in columns]
    foreseen = MixBus(graph).foresee(said, len(ticks))
    one_by_one = MixBus(graph)
    for number, tick in enumerate(ticks[: foreseen.ticks]):
        mixes = one_by_one.mix(tick)
        blocks = foreseen.heard
        assert mixes.heard == [b.frames[number] if b.frames else SILENCE for b in blocks]
        assert mixes.speakers == [b.speakers[number] if b.speakers else () for b in blocks]
        peaks = [*foreseen.said_peaks, *foreseen.heard_peaks]
        assert mixes.peaks.tolist() == [each[number] if each else 0 for each in peaks]


def test_one_voice_with_pauses_is_mixed_ahead_to_its_end():
    said = [[tone(1000), SILENCE, tone(7), SILENCE], None, None]
    foreseen = MixBus(room(3)).foresee(said, 4)
    assert foreseen.ticks == 4
    assert foreseen.heard[1] is foreseen.heard[2]
    assert foreseen.heard[1].speakers == [("a",), (), ("a",), ()]


def test_voices_just_within_and_just_above_full_scale_are_heard_and_metered_alike():
    for each in (10_922, 10_923):
        bus = MixBus(room(4))
        said = [tone(each), tone(-each), tone(each), SILENCE]
        mixes = bus.mix(said)
        assert levels(mixes.heard) == [0, 2 * each, 0, each]
        assert mixes.peaks.tolist() == [each, each, each, 0, 0, 2 * each, 0, each]
        assert mixes.heard[0] is SILENCE
