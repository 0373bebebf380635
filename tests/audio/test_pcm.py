import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from soundstage.audio import peak, to_float, to_pcm
from soundstage.units import SILENCE

samples = st.lists(st.integers(-32768, 32767), min_size=1, max_size=50)


def pcm_of(values):
    return np.array(values, "<i2").tobytes()


@given(samples)
def test_the_peak_is_the_largest_magnitude(values):
    assert peak(pcm_of(values)) == max(abs(value) for value in values)


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
