import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from soundstage.audio import is_audible, peak, to_float, to_pcm
from soundstage.units import SILENCE

samples = st.lists(st.integers(-32768, 32767), min_size=1, max_size=50)


def pcm_of(values):
    return np.array(values, "<i2").tobytes()


@given(samples)
def test_the_peak_is_the_largest_magnitude(values):
    assert peak(pcm_of(values)) == max(abs(value) for value in values)


@given(st.lists(st.integers(-32768, 32767), max_size=600), st.sampled_from([0, 4, 100, 255]))
def test_a_sound_is_audible_above_a_level_if_its_peak_is(values, level):
    assert is_audible(pcm_of(values), level) == (peak(pcm_of(values)) > level)


@given(st.integers(0, 479), st.sampled_from([0, 4, 5, 255, 256, -4, -5, -255, -256, -257]))
def test_one_sample_makes_a_frame_audible(place, value):
    values = [0] * 480
    values[place] = value
    assert is_audible(pcm_of(values), 4) == (abs(value) > 4)


def test_silence_and_nothing_have_no_peak():
    assert peak(SILENCE) == 0
    assert peak(b"") == 0


@given(samples)
def test_floats_give_the_same_samples_back(values):
    assert to_pcm(to_float(pcm_of(values))) == pcm_of(values)


def test_floats_beyond_full_scale_are_clipped():
    assert to_pcm(np.array([2.0, 1.0, -1.0, -2.0], np.float32)) == pcm_of(
        [32767, 32767, -32768, -32768]
    )
