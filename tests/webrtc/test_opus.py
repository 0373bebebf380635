from __future__ import annotations

import av
import numpy as np
import pytest
from dummy_tone import tone

from soundstage.units import FRAME_BYTES, SAMPLE_RATE, SILENCE
from soundstage.webrtc.opus import OpusDecoder, OpusEncoder, libopus, opus_codec
from soundstage.webrtc.opus.libopus import LibopusDecoder, LibopusEncoder
from soundstage.webrtc.opus.pyav_opus import PyavEncoder


@pytest.fixture(autouse=True, params=["called directly", "through PyAV"])
def way(request, monkeypatch):
    """Each test is for both ways to libopus."""
    if request.param == "through PyAV":
        monkeypatch.setattr(opus_codec, "libopus", lambda: None)
    return request.param


def samples(frames: list[bytes]) -> np.ndarray:
    return np.frombuffer(b"".join(frames), "<i2").astype(float)


def pitch(frames: list[bytes]) -> float:
    signal = samples(frames)
    spectrum = np.abs(np.fft.rfft(signal * np.hanning(len(signal)), 1 << 17))
    return float(np.argmax(spectrum) * SAMPLE_RATE / (1 << 17))


def test_one_frame_in_is_one_packet_and_one_frame_out():
    encoder, decoder = OpusEncoder(), OpusDecoder()
    for number in range(100):
        frames = decoder.decode(encoder.encode(tone(number)))
        assert [len(frame) for frame in frames] == [FRAME_BYTES]


@pytest.mark.parametrize("hertz", [220.0, 1000.0, 6000.0])
def test_a_tone_keeps_its_pitch_and_its_level(hertz):
    encoder, decoder = OpusEncoder(), OpusDecoder()
    frames = [decoder.decode(encoder.encode(tone(n, hertz)))[0] for n in range(60)][10:]
    assert pitch(frames) == pytest.approx(hertz, rel=0.002)
    assert np.sqrt(np.mean(samples(frames) ** 2)) == pytest.approx(8000 / np.sqrt(2), rel=0.1)


def test_both_ways_together_delay_by_less_than_four_milliseconds():
    encoder, decoder = OpusEncoder(), OpusDecoder()
    rng = np.random.Generator(np.random.PCG64(5))
    envelope = np.convolve(rng.normal(0, 1, 24_000), np.ones(24) / 24, "same")
    sent = (envelope / np.abs(envelope).max() * 12_000).astype("<i2").tobytes()
    cut = [sent[start : start + FRAME_BYTES] for start in range(0, len(sent), FRAME_BYTES)]
    heard = samples([decoder.decode(encoder.encode(frame))[0] for frame in cut])
    lags = np.correlate(heard[2000:22_000], samples(cut)[2200:21_800], "valid")
    delay = int(np.argmax(lags)) - 200
    assert 0 <= delay <= 96


def test_the_bit_rate_is_what_speech_needs():
    encoder = OpusEncoder()
    sizes = [len(encoder.encode(tone(n))) for n in range(100)]
    assert 24_000 <= np.mean(sizes) * 8 * 50 <= 40_000


def test_a_reused_frame_encodes_as_a_fresh_one_does():
    held = PyavEncoder()
    reused = [held.encode(tone(n)) for n in range(20)]
    again = PyavEncoder()
    fresh = []
    for n in range(20):
        again._frame = av.AudioFrame(format="s16", layout="mono", samples=480)
        again._frame.sample_rate = SAMPLE_RATE
        again._plane = again._frame.planes[0]
        fresh.append(again.encode(tone(n)))
    assert reused == fresh


def test_silence_at_rest_is_not_encoded_again_and_nobody_hears_the_difference():
    frames = [tone(n) for n in range(10)] + [SILENCE] * 60 + [tone(n) for n in range(10)]
    sparing, thorough = OpusEncoder(), OpusEncoder()
    taken = []
    encode = sparing._encoder.encode
    sparing._encoder.encode = lambda pcm: taken.append(pcm) or encode(pcm)
    spared = [sparing.encode(frame) for frame in frames]
    encoded = [thorough.encode(bytes(bytearray(frame))) for frame in frames]
    assert len(taken) < len(frames) - 40
    assert spared[:70] == encoded[:70]
    decoders = OpusDecoder(), OpusDecoder()
    heard = [
        samples([decoder.decode(packet)[0] for packet in packets])
        for decoder, packets in zip(decoders, (spared, encoded), strict=True)
    ]
    error = heard[0] - heard[1]
    assert np.sqrt(np.mean(error**2)) < 0.05 * np.sqrt(np.mean(heard[1] ** 2))


def test_a_lost_packet_is_made_up_from_what_came_before():
    encoder, decoder = OpusEncoder(), OpusDecoder()
    packets = [encoder.encode(tone(n)) for n in range(40)]
    for packet in packets[:20]:
        decoder.decode(packet)
    (made_up,) = decoder.decode(None)
    assert np.abs(samples([made_up])).max() > 2000
    after = [decoder.decode(packet)[0] for packet in packets[21:]]
    assert pitch(after[2:]) == pytest.approx(440, rel=0.005)


def test_a_loss_before_anything_came_makes_up_nothing():
    assert OpusDecoder().decode(None) == []


def test_a_stereo_packet_of_sixty_milliseconds_becomes_three_mono_frames():
    codec = av.CodecContext.create("libopus", "w")
    codec.sample_rate, codec.layout, codec.format = 48_000, "stereo", "s16"
    codec.options = {"frame_duration": "60"}
    packets = []
    for number in range(5):
        frame = av.AudioFrame(format="s16", layout="stereo", samples=2880)
        frame.sample_rate, frame.pts = 48_000, number * 2880
        packets += codec.encode(frame)
    decoder = OpusDecoder()
    assert [len(decoder.decode(bytes(packet))) for packet in packets] == [3] * len(packets)


def test_garbage_is_no_packet():
    with pytest.raises(av.error.FFmpegError):
        OpusDecoder().decode(b"\xff\xff\xff")


def test_a_frame_of_another_length_is_refused():
    for length in (0, FRAME_BYTES - 2, FRAME_BYTES + 2):
        with pytest.raises(ValueError, match="bytes"):
            OpusEncoder().encode(bytes(length))


def test_packets_of_ten_milliseconds_are_put_together():
    codec = av.CodecContext.create("libopus", "w")
    codec.sample_rate, codec.layout, codec.format = 24_000, "mono", "s16"
    codec.options = {"frame_duration": "10"}
    decoder, counts = OpusDecoder(), []
    for number in range(6):
        frame = av.AudioFrame(format="s16", layout="mono", samples=240)
        frame.sample_rate, frame.pts = 24_000, number * 240
        counts += [len(decoder.decode(bytes(packet))) for packet in codec.encode(frame)]
    assert counts == [0, 1, 0, 1, 0, 1]


def test_both_ways_make_the_same_packets_to_the_byte():
    library = libopus.libopus()
    if library is None:
        pytest.skip("this PyAV carries no libopus of its own")
    direct, through_pyav = LibopusEncoder(library), PyavEncoder()
    for number in range(100):
        frame = tone(number) if number % 7 else SILENCE
        assert direct.encode(frame) == through_pyav.encode(frame)


def test_a_packet_decoded_directly_is_a_whole_frame_from_the_first():
    library = libopus.libopus()
    if library is None:
        pytest.skip("this PyAV carries no libopus of its own")
    encoder, decoder = LibopusEncoder(library), LibopusDecoder(library)
    sizes = [len(decoder.decode(encoder.encode(tone(number)))) for number in range(10)]
    assert sizes == [FRAME_BYTES] * 10


def test_a_libopus_that_lacks_a_function_is_not_taken(monkeypatch):
    monkeypatch.setitem(libopus._FUNCTIONS, "opus_of_the_future", (None, []))
    assert libopus.libopus.__wrapped__() is None


@pytest.mark.parametrize("silence", [20, 45, 46, 47, 200])
def test_what_is_heard_after_a_silence_is_the_same_whether_or_not_all_of_it_was_decoded(silence):
    encoder, decoder = OpusEncoder(), OpusDecoder()
    every = OpusDecoder()
    pcm = [tone(number) for number in range(30)]
    packets = [encoder.encode(frame) for frame in (*pcm, *[SILENCE] * silence, *pcm)]
    heard = [decoder.decode(packet)[0] for packet in packets]
    expected = [every._decoder.decode(packet) for packet in packets]
    assert heard == expected
    assert all(frame is SILENCE for frame in heard[50 : 30 + silence])


def test_a_decoder_at_rest_decodes_no_more_of_the_same_and_hears_anything_else(monkeypatch):
    encoder, decoder = OpusEncoder(), OpusDecoder()
    silent = [encoder.encode(SILENCE) for _ in range(100)][-1]
    for _ in range(50):
        decoder.decode(silent)
    decoded = []
    inner = decoder._decoder

    class Noted:
        def decode(self, packet):
            decoded.append(packet)
            return inner.decode(packet)

    monkeypatch.setattr(decoder, "_decoder", Noted())
    assert decoder.decode(silent) == [SILENCE]
    assert decoded == []
    assert len(decoder.decode(None)) == 1
    assert len(decoder.decode(silent)) == 1
    assert len(decoded) == 2
