"""A resampler for calls: little delay, and nothing lost at the end."""

import numpy as np
import pytest

from soundstage.audio import LowDelayResampler

PAIRS = [
    (24_000, 8000),
    (8000, 24_000),
    (24_000, 16_000),
    (16_000, 24_000),
    (48_000, 24_000),
    (24_000, 48_000),
    (44_100, 24_000),
    (24_000, 22_050),
    (24_000, 24_000),
]


def sine(height, rate, seconds=0.5):
    return np.sin(2 * np.pi * height * np.arange(int(rate * seconds)) / rate).astype(np.float32)


def through(resampler, samples, piece):
    parts = [resampler.push(samples[at : at + piece]) for at in range(0, samples.size, piece)]
    return np.concatenate([*parts, resampler.flush()])


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_an_impulse_comes_out_within_five_milliseconds(source, target):
    resampler = LowDelayResampler(source, target)
    samples = np.zeros(source // 10, np.float32)
    samples[source // 50] = 1.0
    heard = resampler.push(samples)
    assert np.argmax(np.abs(heard)) / target - 0.020 == pytest.approx(resampler.delay, abs=2e-4)
    assert resampler.delay <= 0.005


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_the_output_is_the_same_however_the_stream_is_cut(source, target):
    samples = sine(700, source)
    whole = through(LowDelayResampler(source, target), samples, samples.size)
    for piece in (1, 7, source // 50, 5000):
        if piece == 1 and source * target > 24_000 * 24_000:
            continue
        cut = through(LowDelayResampler(source, target), samples, piece)
        np.testing.assert_allclose(cut, whole, atol=1e-6)


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_a_voice_keeps_its_height_and_level_and_loses_no_end(source, target):
    resampler = LowDelayResampler(source, target)
    heard = through(resampler, sine(700, source), source // 50)
    late = round(resampler.delay * target)
    assert heard.size >= target // 2 + late - 1
    wanted = sine(700, target)
    inner = slice(target // 20, wanted.size - target // 20)
    got = heard[late : late + wanted.size]
    # The delay is no whole number of samples for some pairs.
    lag = resampler.delay * target - late
    wanted = np.sin(2 * np.pi * 700 * (np.arange(wanted.size) - lag) / target)
    np.testing.assert_allclose(got[inner], wanted[inner], atol=0.01)


def test_what_the_lower_rate_cannot_hold_is_turned_down():
    resampler = LowDelayResampler(24_000, 8000)
    heard = through(resampler, sine(6000, 24_000), 480)
    assert np.abs(heard[200:-200]).max() < 0.002


def test_each_frame_gives_as_long_a_time_at_once():
    resampler = LowDelayResampler(24_000, 8000)
    assert [resampler.push(np.zeros(480, np.float32)).size for _ in range(5)] == [160] * 5
