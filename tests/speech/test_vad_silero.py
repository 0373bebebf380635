import time

import numpy as np
import pytest

from soundstage.errors import WeightsMismatch
from soundstage.speech import vad_silero
from soundstage.speech.vad_silero import QUIET_FRAMES, REST_FRAMES, SileroEngine
from soundstage.units import FRAME_BYTES, FRAME_SAMPLES, SILENCE, ms_of, samples_of_ms

TURNS = (
    "Hi Bob, it is good to hear you. How was your week?",
    "The train leaves at three. Please do not be late.",
    "Yes. No.",
    "I went home. It was raining, and I forgot my umbrella. What did you do?",
)


def spoken(synthesizer, text, voice="alloy"):
    return b"".join(part.pcm for part in synthesizer.synthesize(text, voice))


def frames(pcm):
    padded = pcm + bytes(-len(pcm) % FRAME_BYTES)
    return [padded[at : at + FRAME_BYTES] for at in range(0, len(padded), FRAME_BYTES)]


def hum(peak):
    """A frame that is not silence and not speech either."""
    return np.resize(np.array([peak, -peak], "<i2"), FRAME_SAMPLES).tobytes()


def noise(count, level, seed=1):
    generator = np.random.Generator(np.random.PCG64(seed))
    return frames(
        (generator.standard_normal(count * FRAME_SAMPLES) * level).astype("<i2").tobytes()
    )


def speech_of(stream, heard):
    """For each frame whether speech is on, with the usual hysteresis, and the time it is about."""
    on = False
    result = []
    for number, frame in enumerate(heard, start=1):
        on = stream.hear(frame) > (0.35 if on else 0.5)
        result.append((on, number * FRAME_SAMPLES - stream.lag))
    return result


@pytest.mark.parametrize("voice", ["alloy", "echo", "shimmer"])
def test_speech_is_on_from_its_beginning_to_its_end(synthesizer, vad, voice):
    pcm = spoken(synthesizer, "Good morning, how are you today?", voice)
    before, after = [SILENCE] * 50, [SILENCE] * 50
    told = speech_of(vad.open(), [*before, *frames(pcm), *after])
    times = [time for on, time in told if on]
    loud = np.flatnonzero(np.abs(np.frombuffer(pcm, "<i2")) > 260) + 50 * FRAME_SAMPLES
    assert abs(ms_of(times[0] - int(loud[0]))) <= 120
    assert 0 <= ms_of(times[-1] - int(loud[-1])) <= 120


@pytest.mark.parametrize("voice", ["alloy", "ash", "cedar", "sage"])
def test_turns_of_two_sentences_stay_whole_at_half_a_second(synthesizer, vad, voice):
    for text in TURNS:
        told = speech_of(vad.open(), frames(spoken(synthesizer, text, voice)) + [SILENCE] * 50)
        on = [number for number, (is_on, _) in enumerate(told) if is_on]
        assert max(np.diff(on)) * 20 < 500


def test_noise_is_not_speech(vad):
    stream = vad.open()
    assert max(stream.hear(frame) for frame in noise(200, 1000)) < 0.5


def test_after_960_ms_of_silence_a_stream_is_as_new(synthesizer, vad):
    used, fresh = vad.open(), vad.open()
    first = frames(spoken(synthesizer, "Hello there."))
    second = frames(spoken(synthesizer, "How are you?", "echo"))
    for frame in [*first, *[hum(4)] * QUIET_FRAMES]:
        last = used.hear(frame)
    assert last == 0.0
    assert [used.hear(frame) for frame in second] == [fresh.hear(frame) for frame in second]


@pytest.mark.parametrize(("silence", "alike"), [(REST_FRAMES - 1, False), (REST_FRAMES, True)])
def test_after_half_a_second_of_silence_what_came_before_makes_no_difference(
    synthesizer, vad, silence, alike
):
    used, fresh = vad.open(), vad.open()
    for frame in [*frames(spoken(synthesizer, "Hello.")), *[SILENCE] * silence]:
        used.hear(frame)
    second = frames(spoken(synthesizer, "How are you?", "echo"))
    heard = [used.hear(frame) for frame in second]
    assert (heard == [fresh.hear(frame) for frame in second]) is alike


def test_silence_after_half_a_second_is_judged_on(synthesizer, vad):
    stream = vad.open()
    for frame in [*frames(spoken(synthesizer, "Hello.")), *[SILENCE] * REST_FRAMES]:
        stream.hear(frame)
    assert not stream.at_start
    assert 0 < stream.hear(SILENCE) < 0.35


def test_streams_that_hear_the_same_are_judged_once(synthesizer, monkeypatch):
    counted = []
    judge = vad_silero._judge
    monkeypatch.setattr(vad_silero, "_judge", lambda *given: counted.append(1) or judge(*given))
    engine = SileroEngine()
    heard = frames(spoken(synthesizer, "Good morning."))
    first, *others = [engine.open() for _ in range(8)]
    told = [first.hear(frame) for frame in heard]
    once = len(counted)
    assert all([stream.hear(frame) for frame in heard] == told for stream in others)
    assert len(counted) == once > 0


def test_what_streams_shared_is_gone_with_the_last_of_them(synthesizer):
    engine = SileroEngine()
    stream = engine.open()
    for frame in frames(spoken(synthesizer, "Hello.")):
        stream.hear(frame)
    assert engine._shared() is not None
    del stream
    assert engine._shared() is None


def test_a_peak_of_five_is_not_silence(vad):
    stream = vad.open()
    for frame in noise(20, 500) + [hum(5)] * 100:
        stream.hear(frame)
    assert stream.lag > 0


def test_the_length_of_the_silence_before_makes_no_difference(synthesizer, vad):
    heard = frames(spoken(synthesizer, "Good morning."))
    results = []
    for silence in (48, 49, 137):
        stream = vad.open()
        for frame in [*noise(10, 500), *[SILENCE] * silence]:
            stream.hear(frame)
        results.append([stream.hear(frame) for frame in heard])
    assert results[0] == results[1] == results[2]


def test_two_streams_do_not_disturb_each_other(synthesizer, vad):
    heard = frames(spoken(synthesizer, "Good morning."))
    alone, one, other = vad.open(), vad.open(), vad.open()
    expected = [alone.hear(frame) for frame in heard]
    both = [
        (one.hear(frame), other.hear(loud))
        for frame, loud in zip(heard, noise(len(heard), 900), strict=True)
    ]
    assert [first for first, _ in both] == expected


def test_the_lag_stays_below_70_ms_and_is_none_at_rest(synthesizer, vad):
    stream = vad.open()
    stream.hear(SILENCE)
    assert stream.lag == 0
    for frame in frames(spoken(synthesizer, "Good morning.")):
        stream.hear(frame)
        assert 0 <= stream.lag <= samples_of_ms(70)


@pytest.mark.prove
def test_silence_at_rest_costs_next_to_nothing(vad):
    stream = vad.open()
    quiet = hum(1)
    start = time.thread_time()
    for _ in range(10_000):
        stream.hear(quiet)
    assert (time.thread_time() - start) / 10_000 < 20e-6


def test_a_changed_model_is_not_used(tmp_path):
    (tmp_path / "silero_vad.onnx").write_bytes(b"not this one")
    with pytest.raises(WeightsMismatch, match=r"silero_vad\.onnx: expected SHA-256 1a153a22"):
        SileroEngine(tmp_path)
