"""Each effect by itself: what it does to tones, noise and silence."""

import av
import numpy as np
import pytest
from dummy_line import decibels, make, run, tone, white
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from soundstage.audio.effects import AcousticEcho, Delay, Echo, Gain, Loss, Noise, Telephone
from soundstage.audio.effects.telephone import companded
from soundstage.errors import UsageError
from soundstage.units import FRAME_SAMPLES, SAMPLE_RATE

EVERY = [
    (Gain, {"level": "-6dB"}),
    (Delay, {"delay": "123ms"}),
    (Delay, {"delay": "33ms", "jitter": "90ms"}),
    (Echo, {"delay": "70ms", "level": "-6dB"}),
    (Telephone, {"codec": "pcmu"}),
    (Telephone, {"codec": "pcma"}),
    (Noise, {"source": "white"}),
    (Noise, {"source": "pink", "snr": "5dB"}),
    (Loss, {"rate": "20%"}),
    (Loss, {"rate": "20%", "burst": "80ms"}),
    (Loss, {"rate": "20%", "burst": "80ms", "conceal": False}),
]


@pytest.mark.parametrize(("effect", "table"), EVERY)
def test_an_effect_does_the_same_with_the_same_seed(effect, table):
    sound = white(1.0)
    one, other = (run(make(effect, **table), sound) for _ in range(2))
    assert one.tobytes() == other.tobytes()
    assert one.dtype == np.float32


@pytest.mark.parametrize(("effect", "table"), EVERY)
def test_after_its_tail_an_effect_that_is_no_source_is_silent(effect, table):
    made = make(effect, **table)
    run(made, white(1.0))
    if made.is_source:
        assert run(made, np.zeros(SAMPLE_RATE, np.float32)).any()
        return
    rest = run(made, np.zeros(3 * SAMPLE_RATE, np.float32))
    tail = -(-made.tail // FRAME_SAMPLES) * FRAME_SAMPLES
    assert not rest[tail:].any()


@pytest.mark.parametrize(("effect", "table"), EVERY)
def test_an_effect_lags_as_it_says(effect, table):
    made = make(effect, **table)
    sound = white(2.0)
    out = run(made, np.concatenate((sound, np.zeros(SAMPLE_RATE, np.float32))))
    likeness = np.correlate(out[: len(sound) + 4800], sound[: SAMPLE_RATE // 2])
    lag = int(np.argmax(likeness))
    slack = int(getattr(made.settings, "jitter", 0))
    assert made.lag <= lag <= made.lag + slack


def test_a_gain_is_exact():
    sound = white(0.1)
    assert decibels(run(make(Gain, level="-6dB"), sound), sound) == pytest.approx(-6, abs=1e-3)


@given(st.integers(0, 24_000))
def test_a_delay_is_exact_to_the_sample(samples):
    made = make(Delay, delay=f"{samples / 24:.4f}ms")
    sound = white(0.2)
    out = run(made, np.concatenate((sound, np.zeros(samples, np.float32))))
    assert np.array_equal(out[samples:], sound)
    assert not out[:samples].any()


def test_jitter_loses_no_sample_while_somebody_speaks():
    sound = tone(200, 3.0) + 0.5
    made = make(Delay, delay="0ms", jitter="100ms")
    out = run(made, np.concatenate((sound, np.zeros(4800, np.float32))))
    assert np.array_equal(out[out != 0][: len(sound)], sound[sound != 0])
    gaps = np.flatnonzero(out[:SAMPLE_RATE] == 0)
    assert 0 < len(gaps) <= 2400 + FRAME_SAMPLES


def test_what_jitter_has_held_up_is_made_up_for_in_silence():
    made = make(Delay, delay="0ms", jitter="100ms")
    speech, pause = np.ones(SAMPLE_RATE, np.float32), np.zeros(SAMPLE_RATE // 2, np.float32)
    starts = []
    for _ in range(6):
        out = run(made, np.concatenate((speech, pause)))
        starts.append(int(np.argmax(out > 0)))
    assert max(starts) <= 2400
    assert len(set(starts)) > 3


def test_an_echo_is_heard_once():
    click = np.zeros(9600, np.float32)
    click[10] = 0.5
    out = run(make(Echo, delay="100ms", level="-6dB"), click)
    assert np.flatnonzero(out).tolist() == [10, 2410]
    assert out[2410] == pytest.approx(0.25, abs=0.002)


@pytest.mark.parametrize("codec", ["pcmu", "pcma"])
@pytest.mark.parametrize(
    ("frequency", "least", "most"),
    [(60, -200, -50), (150, -200, -20), (450, -1, 1), (1000, -1, 1), (3100, -1, 1)]
    + [(frequency, -200, -35) for frequency in (3700, 4300, 5000, 7000, 11_000)],
)
def test_a_telephone_passes_its_band_and_nothing_else(codec, frequency, least, most):
    sound = tone(frequency, 0.5)
    out = run(make(Telephone, codec=codec), sound)[4800:]
    assert least <= decibels(out, sound) <= most


@pytest.mark.parametrize(("codec", "name"), [("pcmu", "pcm_mulaw"), ("pcma", "pcm_alaw")])
def test_companding_is_that_of_g711(codec, name):
    """Every 16-bit value, against FFmpeg's encoder and decoder."""
    values = np.arange(-32768, 32768, dtype=np.int16)
    encoder = av.CodecContext.create(name, "w")
    encoder.sample_rate, encoder.layout, encoder.format = 8000, "mono", "s16"
    frame = av.AudioFrame.from_ndarray(values[None], format="s16", layout="mono")
    frame.sample_rate = 8000
    decoder = av.CodecContext.create(name, "r")
    decoder.sample_rate, decoder.layout = 8000, "mono"
    packets = [*encoder.encode(frame), *encoder.encode(None)]
    theirs = np.concatenate(
        [f.to_ndarray()[0] for packet in packets for f in decoder.decode(packet)]
    ).astype(int)
    ours = companded(codec).astype(int)
    # They round to the nearest level where the standard's tables cut off.
    step = np.abs(values.astype(int)) // 12 + 16
    assert (np.abs(ours - theirs) <= step).all()
    assert (np.diff(ours) >= 0).all()
    assert set(ours.tolist()) | {0} == set(theirs.tolist()) | {0}
    assert ours[32768] == 0


@pytest.mark.parametrize("source", ["white", "pink", "hum.wav"])
@pytest.mark.parametrize("level", [0.02, 0.3])
def test_noise_is_as_much_softer_than_the_speech_as_it_says(source, level):
    speech = white(4.0, level)
    speech.reshape(-1, 4800)[1::2] = 0
    made = make(Noise, source=source, snr="15dB", open_sound=lambda *_: tone(440, 0.7))
    noise = run(made, speech) - speech
    active = speech[speech != 0]
    settled = slice(SAMPLE_RATE, None)
    assert decibels(active, noise[settled]) == pytest.approx(15, abs=1.5)


def test_pink_noise_has_the_same_power_in_every_octave():
    noise = run(make(Noise, source="pink", snr="0dB"), np.zeros(10 * SAMPLE_RATE, np.float32))
    power = np.abs(np.fft.rfft(noise)) ** 2
    octaves = [power[10 * low : 20 * low].sum() for low in (100, 200, 400, 800, 1600)]
    assert max(octaves) / min(octaves) < 2


def test_a_silent_file_is_no_noise():
    with pytest.raises(UsageError, match=r"hum\.wav is silent"):
        make(Noise, source="hum.wav", open_sound=lambda *_: np.zeros(100, np.float32))


def lost(made, frames):
    ones = np.ones(FRAME_SAMPLES, np.float32)
    return [not made.apply(ones).any() for _ in range(frames)]


@pytest.mark.parametrize(("rate", "burst"), [(0.05, None), (0.05, 4), (0.3, 2), (0.6, 10)])
def test_so_much_is_lost_and_in_such_bursts(rate, burst):
    table = {"rate": f"{rate:.0%}"} | ({"burst": f"{20 * burst}ms"} if burst else {})
    gone = lost(make(Loss, conceal=False, **table), 40_000)
    assert np.mean(gone) == pytest.approx(rate, rel=0.1)
    starts = sum(now and not before for before, now in zip([False, *gone], gone, strict=False))
    expected = burst or 1 / (1 - rate)
    assert sum(gone) / starts == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize("table", [{}, {"burst": "100ms"}])
def test_nothing_and_everything_can_be_lost(table):
    assert not any(lost(make(Loss, rate="0%", conceal=False, **table), 1000))
    assert all(lost(make(Loss, rate="100%", conceal=False, **table), 1000))


def test_a_gap_in_a_steady_tone_is_hardly_heard():
    sound = tone(220, 2.0)
    out = run(make(Loss, rate="5%"), sound)
    assert (out != sound).any()
    assert (
        decibels(out - sound, sound)
        < decibels(run(make(Loss, rate="5%", conceal=False), sound) - sound, sound) - 6
    )
    assert np.abs(np.diff(out)).max() < 3 * np.abs(np.diff(sound)).max()


def test_a_long_gap_fades_away():
    made = make(Loss, rate="0%")
    run(made, tone(220, 0.2))
    made._turns_bad = made._stays_bad = 1.0
    gap = run(made, np.zeros(4800, np.float32))
    assert gap[:240].any()
    assert not gap[1440:].any()


@pytest.mark.parametrize(
    ("effect", "table"),
    [
        (Gain, {}),
        (Delay, {"delay": "11s"}),
        (Echo, {"level": "1dB"}),
        (AcousticEcho, {"level": "1dB"}),
        (AcousticEcho, {"delay": "10ms"}),
        (AcousticEcho, {"delay": "11s"}),
        (Telephone, {"codec": "opus"}),
        (Loss, {"rate": "5%", "burst": "10ms"}),
        (Noise, {"snr": 15}),
    ],
)
def test_a_table_that_asks_for_the_impossible_is_refused(effect, table):
    with pytest.raises(ValidationError):
        make(effect, **table)


def test_what_an_agent_hears_comes_back_in_what_it_sends_later_and_softer():
    effect = make(AcousticEcho, delay="50ms", level="-6dB")
    voice, said = np.zeros(FRAME_SAMPLES, np.float32), np.zeros(FRAME_SAMPLES, np.float32)
    voice[100], said[7] = 0.8, 0.3
    silence = np.zeros(FRAME_SAMPLES, np.float32)
    out = [effect.apply(said)]
    effect.hear_back(voice)
    out += [effect.apply(silence) for _ in range(5)]
    sound = np.concatenate(out)
    assert np.flatnonzero(sound).tolist() == [7, 100 + 1200]
    assert sound[7] == np.float32(0.3)
    assert sound[1300] == pytest.approx(0.8 * 10 ** (-6 / 20))
    assert effect.tail == 1200 + FRAME_SAMPLES
