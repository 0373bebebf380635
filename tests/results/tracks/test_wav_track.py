from __future__ import annotations

import wave

import av
import numpy as np
import pytest
from dummy_disk import DummyFile
from hypothesis import given, settings
from hypothesis import strategies as st

from soundstage.errors import RecordingFailed
from soundstage.recordings import read_recording
from soundstage.results import Track, TrackReader
from soundstage.results.append_file import AppendFile
from soundstage.results.tracks import wav_track
from soundstage.results.tracks.wav_track import read_track

HEADER = 80


def played(path) -> tuple[int, np.ndarray]:
    """Channels, and the samples as a player finds them."""
    with wave.open(str(path)) as recording:
        assert (recording.getframerate(), recording.getsampwidth()) == (24_000, 2)
        pcm = recording.readframes(recording.getnframes())
        return recording.getnchannels(), np.frombuffer(pcm, np.int16)


def of_file(file: DummyFile, path) -> np.ndarray:
    path.write_bytes(file.content)
    return played(path)[1]


def sound(count: int, value: int = 1) -> bytes:
    return np.full(count, value, np.int16).tobytes()


def record(track: Track, samples: np.ndarray) -> None:
    for start in range(0, len(samples), 480):
        track.write_at(start, samples[start : start + 480].tobytes())
        track.flush()


WRITES = st.lists(
    st.tuples(
        st.integers(-50, 60_000), st.integers(0, 30_000), st.integers(-32768, 32767), st.booleans()
    ),
    max_size=8,
)


@settings(deadline=None)
@given(writes=WRITES, channels=st.sampled_from([1, 2]))
def test_every_sample_is_at_its_time_whatever_is_missing_or_comes_twice(
    tmp_path_factory, writes, channels
):
    path = tmp_path_factory.mktemp("track") / "a.wav"
    expected = np.zeros((0, channels), np.int16)
    track = Track.open(path, channels=channels)
    for pts, count, value, flush in writes:
        track.write_at(pts, sound(count * channels, value))
        silence = np.zeros((max(pts - len(expected), 0), channels), np.int16)
        expected = np.concatenate([expected, silence])
        new = max(count - (len(expected) - pts), 0)
        expected = np.concatenate([expected, np.full((new, channels), value, np.int16)])
        if flush:
            track.flush()
            assert np.array_equal(played(path)[1].reshape(-1, channels), expected)
    assert track.end == len(expected)
    track.close()
    assert played(path)[0] == channels
    assert np.array_equal(played(path)[1].reshape(-1, channels), expected)


def test_a_track_is_playable_before_anything_was_said(tmp_path):
    track = Track.open(tmp_path / "a.wav")
    assert len(played(tmp_path / "a.wav")[1]) == 0
    track.close()


def test_a_second_of_sound_at_most_waits_in_memory(tmp_path):
    track = Track.open(tmp_path / "a.wav")
    for second in range(5):
        track.write_at(second * 24_000, sound(24_000))
        assert len(played(tmp_path / "a.wav")[1]) >= second * 24_000
    track.close()


def test_an_hour_of_silence_takes_no_room(tmp_path):
    path = tmp_path / "a.wav"
    track = Track.open(path)
    track.pad_to(3600 * 24_000)
    track.write_at(3600 * 24_000, sound(480))
    track.close()
    assert path.stat().st_size == HEADER + (3600 * 24_000 + 480) * 2
    assert path.stat().st_blocks * 512 < 1 << 16


def test_padding_never_shortens(tmp_path):
    track = Track.open(tmp_path / "a.wav")
    track.write_at(0, sound(480))
    track.pad_to(100)
    track.close()
    assert len(played(tmp_path / "a.wav")[1]) == 480


@settings(deadline=None)
@given(room=st.integers(HEADER, HEADER + 100_001), step=st.integers(1, 9_999))
def test_on_a_full_disk_what_was_written_stays_playable(tmp_path_factory, room, step):
    file = DummyFile(room, piece=step)
    track = Track(AppendFile(file, "a.wav"))
    ramp = np.arange(60_000, dtype=np.int64).astype(np.int16)
    with pytest.raises(RecordingFailed):
        record(track, ramp)
    heard = of_file(file, tmp_path_factory.mktemp("full") / "a.wav")
    assert len(heard) == (room - HEADER) // 2
    assert np.array_equal(heard, ramp[: len(heard)])


def test_a_disk_that_has_room_again_gets_what_waited_and_silence_for_what_was_refused(tmp_path):
    file = DummyFile(room=HEADER + 1000)
    track = Track(AppendFile(file, "a.wav"))
    refused = 0
    for second in range(5):
        try:
            track.write_at(second * 24_000, sound(24_000))
        except RecordingFailed:
            refused += 1
    file.room = 1 << 30
    track.write_at(5 * 24_000, sound(24_000))
    track.close()
    heard = of_file(file, tmp_path / "a.wav")
    assert refused == 4
    assert np.array_equal(np.flatnonzero(heard), [*range(24_000), *range(120_000, 144_000)])


def test_a_disk_that_is_full_at_the_start_is_a_failure_that_closes_the_file():
    file = DummyFile(room=10)
    track = Track(AppendFile(file, "a.wav"))
    with pytest.raises(RecordingFailed):
        track.close()
    assert file.closed
    assert len(file.content) == 10


def test_half_a_sample_is_refused(tmp_path):
    track = Track.open(tmp_path / "a.wav", channels=2)
    with pytest.raises(ValueError, match="whole number of samples"):
        track.write_at(0, b"ab")
    track.close()


def test_beyond_4_gib_a_track_is_rf64_and_read_to_its_last_sample(tmp_path):
    path = tmp_path / "a.wav"
    track = Track.open(path)
    track.pad_to(1 << 31)
    track.write_at(1 << 31, sound(480, 7))
    track.close()
    with av.open(str(path)) as container:
        [stream] = container.streams.audio
        container.seek(1 << 31, stream=stream, any_frame=True)
        last = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(stream)])
        assert stream.duration == (1 << 31) + 480
    with path.open("rb") as file:
        assert file.read(4) == b"RF64"
    path.unlink()
    assert np.count_nonzero(last == 7) == 480


def test_up_to_4_gib_it_is_a_wav_file_that_every_program_reads(tmp_path):
    track = Track.open(tmp_path / "a.wav")
    track.write_at(0, sound(480))
    track.close()
    assert (tmp_path / "a.wav").read_bytes()[:4] == b"RIFF"
    assert read_track(tmp_path / "a.wav") == sound(480)


def test_an_rf64_track_is_read_as_others_are(tmp_path, monkeypatch):
    monkeypatch.setattr(wav_track, "_LIMIT", 100)
    track = Track.open(tmp_path / "a.wav")
    track.write_at(0, sound(480))
    track.close()
    assert (tmp_path / "a.wav").read_bytes()[:4] == b"RF64"
    assert read_track(tmp_path / "a.wav") == sound(480)
    assert read_recording(tmp_path / "a.wav").pcm == sound(480)


@pytest.mark.parametrize("limit", [100, 1 << 31])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_track_is_read_a_piece_at_a_time_whatever_its_header(
    tmp_path, monkeypatch, limit, channels
):
    monkeypatch.setattr(wav_track, "_LIMIT", limit)
    whole = sound(960 * channels)
    track = Track.open(tmp_path / "a.wav", channels=channels)
    track.write_at(0, whole)
    track.close()
    with TrackReader(tmp_path / "a.wav") as reader:
        assert reader.channels == channels
        pieces = [reader.read(400), reader.read(400), reader.read(400), reader.read(400)]
    assert [len(piece) // 2 // channels for piece in pieces] == [400, 400, 160, 0]
    assert b"".join(pieces) == whole


def test_what_is_no_track_is_refused_and_left_closed(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"no sound at all")
    with pytest.raises(wave.Error):
        TrackReader(tmp_path / "a.wav")


def test_a_recording_that_was_cut_off_within_a_sample_is_read_to_its_last_whole_one(tmp_path):
    whole, cut = tmp_path / "whole.wav", tmp_path / "cut.wav"
    track = Track.open(whole, channels=2)
    track.write_at(0, sound(960))
    track.close()
    cut.write_bytes(whole.read_bytes()[:-3])
    assert read_track(cut) == sound(958)


def test_a_recording_with_samples_of_another_width_is_none_of_ours(tmp_path):
    path = tmp_path / "a.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(24_000)
        file.writeframes(bytes(480))
    with pytest.raises(wave.Error, match="16 bits"):
        TrackReader(path)
