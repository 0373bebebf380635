import numpy as np
import pytest

from soundstage.speech.tts_acoustics import shift_pitch

HOP = 300
FRAMES = 160


def buzz(frequency):
    """A voice with a vowel: pulses through one formant."""
    samples = np.zeros(FRAMES * HOP, np.float32)
    samples[:: 24_000 // frequency] = 1
    times = np.arange(200)
    return np.convolve(samples, np.exp(-times / 40) * np.sin(times / 6))[: len(samples)].astype(
        np.float32
    )


def pitch_of(samples):
    spectrum = np.abs(np.fft.rfft(samples[6000:-6000], 1 << 17)) ** 2
    similarity = np.fft.irfft(spectrum)[:600]
    return 24_000 / (60 + int(np.argmax(similarity[60:])))


@pytest.mark.parametrize("ratio", [0.65, 0.8, 1.25])
def test_the_pitch_is_multiplied_and_the_length_kept(ratio):
    shifted = shift_pitch(buzz(200), np.full(FRAMES, 200, np.float32), HOP, ratio)
    assert len(shifted) == FRAMES * HOP
    assert pitch_of(shifted) == pytest.approx(200 * ratio, rel=0.02)


def test_where_there_is_no_voice_nothing_moves():
    noise = np.random.Generator(np.random.PCG64(1)).standard_normal(FRAMES * HOP).astype(np.float32)
    same = shift_pitch(noise, np.zeros(FRAMES, np.float32), HOP, 0.7)
    assert np.abs(same - noise)[1000:-1000].max() < 0.02


def test_next_to_no_sound_stays_as_it_is():
    samples = np.ones(HOP // 3, np.float32)
    assert shift_pitch(samples, np.full(1, 50, np.float32), HOP, 0.7) is samples
