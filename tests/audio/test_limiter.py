from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from soundstage.audio import FULL, Limiter, peaks_of
from soundstage.units import FRAME_SAMPLES

TIME = np.arange(FRAME_SAMPLES)


def rows(*levels):
    """A 500 Hz tone for each listener, the same in every frame, so that frames join."""
    return np.array([np.rint(level * np.sin(TIME * np.pi / 24)) for level in levels], np.int32)


def limit(limiter, frames):
    return limiter.limit(frames, peaks_of(frames)).astype(int)


@given(st.lists(st.integers(0, 3_000_000), min_size=1, max_size=12), st.integers(0, 2**32))
def test_nothing_is_ever_beyond_full_scale_and_no_sample_changes_its_sign(levels, seed):
    draw = np.random.Generator(np.random.PCG64(seed))
    limiter = Limiter(1)
    for level in levels:
        frame = draw.integers(-level, level + 1, (1, FRAME_SAMPLES)).astype(np.int32)
        limited = limit(limiter, frame)
        assert np.abs(limited).max() <= FULL
        assert (limited * frame >= 0).all()


@given(st.lists(st.integers(-FULL, FULL), min_size=FRAME_SAMPLES, max_size=FRAME_SAMPLES))
def test_what_is_not_too_loud_stays_untouched(samples):
    frame = np.array([samples], np.int32)
    limiter = Limiter(1)
    assert limit(limiter, frame).tolist() == [samples]
    assert limiter.limited.tolist() == [0]
    assert not limiter.works


def test_each_listener_is_turned_down_by_itself():
    limiter = Limiter(2)
    frames = rows(20_000, 60_000)
    quiet, loud = limit(limiter, frames)
    assert quiet.tolist() == frames[0].tolist()
    assert loud.tolist() != frames[1].tolist()
    assert limiter.limited.tolist() == [0, 1]


def test_a_steady_sound_keeps_its_shape():
    limiter = Limiter(1)
    for _ in range(2):
        limited = limit(limiter, rows(60_000))
    assert np.abs(limited - rows(FULL)).max() <= 1


def test_the_gain_falls_before_the_loud_part_so_that_the_sound_does_not_break():
    frame = rows(60_000)
    frame[:, : FRAME_SAMPLES // 2] = rows(10_000)[:, : FRAME_SAMPLES // 2]
    limited = limit(Limiter(1), frame)[0]
    assert abs(limited[FRAME_SAMPLES // 2 :]).max() >= FULL - 1
    quiet = slice(20, FRAME_SAMPLES // 2)
    gain = limited[quiet][frame[0, quiet] != 0] / frame[0, quiet][frame[0, quiet] != 0]
    assert gain[0] > 0.9 > gain[-1] > 0.5
    assert (np.diff(gain) < 0.01).all()


def test_a_frame_that_begins_too_loud_is_bent_and_not_cut():
    limited = limit(Limiter(1), np.full((1, FRAME_SAMPLES), 60_000, np.int32))[0]
    first = limited[:60]
    assert len(set(first.tolist())) > 10
    assert first.max() < FULL
    assert (limited[60:] == FULL).all()


def test_the_sound_comes_back_slowly_and_then_wholly():
    limiter = Limiter(1)
    limit(limiter, rows(60_000))
    gains = [abs(limit(limiter, rows(10_000))).max() / 10_000 for _ in range(60)]
    assert gains == sorted(gains)
    assert gains[0] < 0.6
    assert gains[-1] == 1
    assert not limiter.works


def test_it_recovers_in_silence_too():
    limiter = Limiter(1)
    limit(limiter, rows(60_000))
    for _ in range(60):
        limiter.pass_silence()
    assert not limiter.works
    assert limit(limiter, rows(10_000)).tolist() == rows(10_000).tolist()
    assert limiter.limited.tolist() == [1]


def test_two_limiters_do_the_same():
    frames = [rows(level, 70_000 - level) for level in (0, 60_000, 33_000, 5_000)]
    one, other = Limiter(2), Limiter(2)
    for frame in frames:
        assert np.array_equal(limit(one, frame), limit(other, frame))
