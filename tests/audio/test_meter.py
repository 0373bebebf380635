from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from soundstage.audio import AudibleMeter, Change
from soundstage.units import FRAME_SAMPLES, SILENCE


def pcm(track):
    return np.array(track, "<i2").tobytes()


def stretches(track, *, release, threshold=100):
    """What a meter must report for a whole track, said the slow way."""
    loud = [index for index, value in enumerate(track) if abs(value) >= threshold]
    changes = []
    for index in loud:
        if changes and index - changes[-1].pts < release:
            changes[-1] = Change(on=False, pts=index + 1)
        else:
            changes += [Change(on=True, pts=index), Change(on=False, pts=index + 1)]
    return changes


@given(
    st.lists(st.sampled_from([0, 0, 0, 99, 100, -100, -32768]), max_size=60),
    st.lists(st.integers(0, 60), max_size=5),
    st.integers(1, 12),
)
def test_changes_are_sample_exact_however_the_track_is_cut(track, cuts, release):
    meter = AudibleMeter(release=release)
    borders = [0, *sorted(min(cut, len(track)) for cut in cuts), len(track)]
    changes = []
    for start, end in pairwise(borders):
        changes += meter.push(pcm(track[start:end]), start)
    changes += meter.flush(len(track))
    assert changes == stretches(track, release=release)


def test_the_end_of_a_sound_is_known_after_the_release():
    meter = AudibleMeter()
    assert meter.push(pcm([0] * 10 + [500] * 5 + [0] * 465), 4800) == [Change(on=True, pts=4810)]
    for pts in range(5280, 4815 + 9600 - FRAME_SAMPLES, FRAME_SAMPLES):
        assert meter.push(SILENCE, pts) == []
    [change] = meter.push(SILENCE, 14400)
    assert change == Change(on=False, pts=4815)


def test_a_gap_between_two_blocks_is_quiet():
    meter = AudibleMeter(release=100)
    meter.push(pcm([500]), 0)
    assert meter.push(pcm([500]), 1000) == [Change(on=False, pts=1), Change(on=True, pts=1000)]


def test_a_flush_before_the_sound_was_over_ends_it_there():
    meter = AudibleMeter()
    meter.push(pcm([500] * 480), 0)
    assert meter.flush(240) == [Change(on=False, pts=240)]
    assert meter.flush(480) == []
