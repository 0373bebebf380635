import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundstage.audio import Resampler

RATES = [(24_000, 16_000), (48_000, 24_000), (24_000, 48_000), (44_100, 24_000), (24_000, 24_000)]


def tone(rate, seconds=0.5, frequency=440):
    return np.sin(np.arange(int(rate * seconds)) * 2 * np.pi * frequency / rate).astype(np.float32)


def resampled(resampler, samples, cuts=()):
    pieces = np.split(samples, sorted(cuts))
    return np.concatenate([*(resampler.push(piece) for piece in pieces), resampler.flush()])


@pytest.mark.parametrize(("source", "target"), RATES)
def test_a_tone_stays_in_phase_from_the_first_sample_on(source, target):
    converted = resampled(Resampler(source, target), tone(source))
    wanted = tone(target)
    assert abs(len(converted) - len(wanted)) <= 1
    middle = slice(len(wanted) // 4, -len(wanted) // 4)
    assert np.abs(converted[: len(wanted)][middle] - wanted[middle]).max() < 1e-3


@settings(max_examples=30)
@given(st.lists(st.integers(0, 6000), max_size=20))
def test_the_result_does_not_depend_on_how_the_stream_is_cut(cuts):
    noise = np.random.Generator(np.random.PCG64(1)).standard_normal(6000).astype(np.float32)
    whole = resampled(Resampler(24_000, 16_000), noise)
    assert np.array_equal(resampled(Resampler(24_000, 16_000), noise, cuts), whole)


def test_what_is_owed_and_what_came_out_add_up():
    resampler = Resampler(24_000, 16_000)
    out = 0
    for count in range(1, 40):
        out += len(resampler.push(np.zeros(480, np.float32)))
        assert out + resampler.delay == pytest.approx(count * 320)


def test_after_a_reset_a_stream_begins_anew():
    resampler = Resampler(24_000, 16_000)
    fresh = resampled(Resampler(24_000, 16_000), tone(24_000))
    resampler.push(np.ones(1000, np.float32))
    resampler.reset()
    assert np.array_equal(resampled(resampler, tone(24_000)), fresh)
