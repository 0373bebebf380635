from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from soundstage.audio import AUDIBLE_PEAK, RELEASE, AudibleMeters, Change, peaks_of
from soundstage.units import FRAME_SAMPLES, SILENCE


def push(meters, tick, frames):
    peaks = peaks_of(np.array([np.frombuffer(frame, "<i2") for frame in frames]))
    return meters.push(tick * FRAME_SAMPLES, frames, peaks)


def frame(**samples):
    """A frame with a few samples: `at12=500`."""
    pcm = np.zeros(FRAME_SAMPLES, "<i2")
    for place, value in samples.items():
        pcm[int(place[2:])] = value
    return pcm.tobytes()


def slowly(track, samples):
    """What a meter must report of a whole track, sample by sample."""
    changes = []
    for index in sorted(place for place, value in samples.items() if abs(value) >= AUDIBLE_PEAK):
        if changes and index - changes[-1].pts < RELEASE:
            changes[-1] = Change(track, on=False, pts=index + 1)
        else:
            changes += [Change(track, on=True, pts=index), Change(track, on=False, pts=index + 1)]
    return changes


tracks = st.lists(
    st.dictionaries(
        # Around the release, where it matters which sample of a frame was audible.
        st.one_of(
            st.integers(0, 70 * FRAME_SAMPLES - 1),
            st.integers(0, 3).flatmap(
                lambda times: st.integers(times * RELEASE - 2, times * RELEASE + 2).map(abs)
            ),
        ),
        st.sampled_from([99, -99, 100, -100, -32768]),
        max_size=12,
    ),
    min_size=1,
    max_size=3,
)


@given(tracks)
def test_changes_are_sample_exact_in_every_track(tracks):
    meters = AudibleMeters(len(tracks))
    sound = np.zeros((len(tracks), 70 * FRAME_SAMPLES), "<i2")
    for row, samples in zip(sound, tracks, strict=True):
        row[list(samples)] = list(samples.values())
    found = []
    for tick in range(70):
        part = sound[:, tick * FRAME_SAMPLES : (tick + 1) * FRAME_SAMPLES]
        found += push(meters, tick, [row.tobytes() for row in part])
    found += meters.flush(70 * FRAME_SAMPLES)
    for track, samples in enumerate(tracks):
        assert [change for change in found if change.track == track] == slowly(track, samples)


def test_the_end_of_a_sound_is_known_after_the_release():
    meters = AudibleMeters(1)
    assert push(meters, 10, [frame(at10=500, at14=500)]) == [Change(0, on=True, pts=4810)]
    for tick in range(11, 30):
        assert push(meters, tick, [SILENCE]) == []
    assert push(meters, 30, [SILENCE]) == [Change(0, on=False, pts=4815)]


def test_what_changes_in_a_tick_comes_by_track():
    meters = AudibleMeters(2)
    push(meters, 0, [frame(at0=500), SILENCE])
    for tick in range(1, 20):
        push(meters, tick, [SILENCE, SILENCE])
    changes = push(meters, 20, [frame(at479=500), frame(at3=500)])
    assert changes == [
        Change(0, on=False, pts=1),
        Change(0, on=True, pts=20 * FRAME_SAMPLES + 479),
        Change(1, on=True, pts=20 * FRAME_SAMPLES + 3),
    ]


def test_a_flush_before_the_sound_was_over_ends_it_there():
    meters = AudibleMeters(1)
    push(meters, 0, [frame(at0=500, at479=500)])
    assert list(meters.flush(240)) == [Change(0, on=False, pts=240)]
    assert list(meters.flush(480)) == []
