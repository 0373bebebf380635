from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from soundstage.audio import MixMinus
from soundstage.units import FRAME_SAMPLES


def voices(seed, count):
    draw = np.random.Generator(np.random.PCG64(seed))
    return draw.integers(-32768, 32768, (count, FRAME_SAMPLES)).astype("<i2")


def room(members):
    return np.ones((members, members)) - np.eye(members)


def mixes(minus, frames, speakers):
    """Each listener's sum."""
    sums = minus.sum(frames[speakers], speakers)
    return sums.rows[sums.row_of].copy()


@given(st.integers(2, 40), st.integers(0, 2**32))
def test_all_mixes_together_are_one_less_than_everybody_times_all_inputs(members, seed):
    frames = voices(seed, members)
    heard = mixes(MixMinus(room(members)), frames, list(range(members)))
    expected = (members - 1) * frames.astype(np.int64).sum(axis=0)
    assert heard.astype(np.int64).sum(axis=0).tolist() == expected.tolist()


@given(st.integers(2, 12), st.integers(0, 2**32), st.data())
def test_nobody_hears_himself(members, seed, data):
    speaker = data.draw(st.integers(0, members - 1))
    heard = mixes(MixMinus(room(members)), voices(seed, members), [speaker])
    assert not heard[speaker].any()


graphs = st.integers(1, 7).flatmap(
    lambda listeners: st.tuples(
        st.just(listeners),
        st.integers(0, 3),
        st.lists(
            st.sampled_from([0.0, 0.0, 1.0, 1.0, 0.5011872336272722, 1000.0]),
            min_size=listeners * (listeners + 3),
            max_size=listeners * (listeners + 3),
        ),
    )
)


def matrix(graph):
    listeners, more, values = graph
    gains = np.array(values).reshape(listeners, listeners + 3)[:, : listeners + more]
    np.fill_diagonal(gains, 0)
    return gains


@given(graphs, st.integers(0, 2**32), st.data())
def test_any_graph_is_summed_as_its_matrix_says(graph, seed, data):
    gains = matrix(graph)
    frames = voices(seed, gains.shape[1])
    speakers = sorted(data.draw(st.sets(st.integers(0, gains.shape[1] - 1), min_size=1)))
    exact = np.rint(gains * 65536) / 65536
    expected = np.rint(exact[:, speakers] @ frames[speakers].astype(float))
    assert np.array_equal(mixes(MixMinus(gains), frames, speakers), expected.clip(-(2**30), 2**30))


@given(graphs, st.data())
def test_who_hears_one_speaker_unchanged_is_known_without_a_sum(graph, data):
    gains = matrix(graph)
    speakers = sorted(data.draw(st.sets(st.integers(0, gains.shape[1] - 1), min_size=1)))
    lone = MixMinus(gains).lone(speakers)
    if lone is None:
        heard = gains[:, speakers]
        assert (
            len(speakers) > 2
            or (heard > 0).sum(axis=1).max() > 1
            or (heard % 1).any()
            or (heard > 1).any()
        )
        return
    for listener, speaker in enumerate(lone):
        hears = [each for each in speakers if gains[listener, each]]
        assert hears == ([speaker] if speaker >= 0 else [])
        assert all(gains[listener, each] == 1 for each in hears)


def test_a_room_of_any_size_is_one_group_and_a_gain_makes_another():
    gains = room(30)
    assert set(MixMinus(gains).group_of) == {0}
    gains[3, 5] = 0.5
    assert sorted(set(MixMinus(gains).group_of)) == [0, 1]


def test_the_groups_know_whose_voices_are_in_their_sums():
    gains = np.zeros((4, 4))
    gains[:2, 2] = 1
    minus = MixMinus(gains)
    assert [minus.audible[group] for group in minus.group_of] == [{2}, {2}, {2}, set()]
