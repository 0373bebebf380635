import numpy as np
import pytest

from soundstage.speech.stt_log_mel import LONGEST, RATE, log_mel


@pytest.mark.parametrize(
    ("seconds", "frames"), [(0, 1000), (1, 1000), (9, 1000), (9.5, 1050), (20, 2100), (30, 3000)]
)
def test_a_picture_shows_ten_to_thirty_seconds(seconds, frames):
    mel = log_mel(np.zeros(int(seconds * RATE), np.float32))
    assert mel.shape == (1, 80, frames)
    assert mel.dtype == np.float32


def test_a_tone_is_brightest_in_the_band_of_its_frequency():
    times = np.arange(2 * RATE) / RATE
    bands = [
        int(np.argmax(log_mel(np.sin(2 * np.pi * hertz * times).astype(np.float32))[0, :, 100]))
        for hertz in (200, 400, 1000, 4000)
    ]
    assert bands == sorted(bands)
    # Slaney's scale is linear up to 1 kHz, where 200 Hz are three mels.
    assert bands[1] - bands[0] == pytest.approx(3 / 45.245 * 81, abs=1)


def test_levels_span_no_more_than_eighty_decibels():
    noise = np.random.Generator(np.random.PCG64(1)).standard_normal(RATE).astype(np.float32)
    mel = log_mel(noise)
    assert mel.max() - mel.min() <= 2.0 + 1e-6


def test_the_longest_recording_fits_exactly():
    assert log_mel(np.ones(LONGEST, np.float32)).shape == (1, 80, 3000)
