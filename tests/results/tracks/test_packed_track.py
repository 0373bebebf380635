"""Recordings as FLAC and Opus, read as the WAV files that they were."""

import wave

import numpy as np
import pytest

from soundstage import Run
from soundstage.errors import RunFolderError
from soundstage.report import write_report
from soundstage.results import PACKED, RunFolder, Track, TrackReader, pack_track
from soundstage.results.tracks import read_track


def tone(path, *, channels=1, seconds=1.3):
    count = int(24_000 * seconds)
    wave_ = 9000 * np.sin(np.arange(count) * 2 * np.pi * 440 / 24_000)
    pcm = np.repeat(wave_.astype("<i2"), channels).tobytes()
    track = Track.open(path, channels=channels)
    track.write_at(0, pcm)
    track.close()
    return pcm


@pytest.mark.parametrize("channels", [1, 2])
def test_flac_gives_back_every_sample(tmp_path, channels):
    pcm = tone(tmp_path / "ann.wav", channels=channels)
    packed = pack_track(tmp_path / "ann.wav", "flac")
    assert packed == tmp_path / "ann.flac"
    assert [path.name for path in tmp_path.iterdir()] == ["ann.flac"]
    assert read_track(packed) == pcm
    with TrackReader(packed) as track:
        assert track.channels == channels
        assert track.read(100) == pcm[: 200 * channels]
        assert track.read(100) == pcm[200 * channels : 400 * channels]


@pytest.mark.parametrize("channels", [1, 2])
def test_opus_gives_back_the_sound_at_its_time(tmp_path, channels):
    pcm = tone(tmp_path / "ann.wav", channels=channels)
    size = (tmp_path / "ann.wav").stat().st_size
    packed = pack_track(tmp_path / "ann.wav", "opus")
    assert packed.stat().st_size < size / 4
    before, after = (np.frombuffer(each, "<i2").astype(float) for each in (pcm, read_track(packed)))
    length = min(len(before), len(after))
    assert abs(len(before) - len(after)) < 2400 * channels
    assert np.corrcoef(before[:length], after[:length])[0, 1] > 0.95


@pytest.mark.parametrize("form", PACKED)
def test_the_same_sound_gives_the_same_bytes(tmp_path, form):
    for name in ("one.wav", "two.wav"):
        tone(tmp_path / name)
    one, two = (pack_track(tmp_path / name, form) for name in ("one.wav", "two.wav"))
    assert one.read_bytes() == two.read_bytes()


def test_what_is_no_recording_stays_as_it_is(tmp_path):
    (tmp_path / "ann.wav").write_bytes(b"no sound")
    with pytest.raises(OSError, match=r".+"):
        pack_track(tmp_path / "ann.wav", "flac")
    assert [path.name for path in tmp_path.iterdir()] == ["ann.wav"]
    (tmp_path / "ann.flac").write_bytes(b"no sound")
    with pytest.raises(wave.Error, match="no recording that can be read"):
        read_track(tmp_path / "ann.flac")


@pytest.mark.parametrize("form", PACKED)
def test_a_run_with_packed_sound_is_read_as_any(tmp_path, form):
    folder = RunFolder.at(tmp_path / "run")
    started = '"type":"run_started","pts":0,"schema":1,"scenario":"x","seed":1,"clock":"virtual"'
    folder.events.write_text("{" + started + ',"agents":["ann"],"hears":{}}\n')
    pcm = tone(folder.audio("ann"))
    tone(folder.mix, channels=2)
    for path in list(folder.sounds.iterdir()):
        pack_track(path, form)
    assert folder.mix.suffix == folder.audio("ann").suffix == PACKED[form]
    heard = Run.load(folder.path).audio("ann")
    assert abs(len(heard) - len(pcm) // 2) < 2400
    page = write_report(folder).read_text()
    assert f"audio/mix{PACKED[form]}" in page
    assert "data:audio/webm" in write_report(folder, embed_audio=True).read_text()
    with pytest.raises(RunFolderError, match="there is no recording"):
        Run.load(folder.path).audio("ann", "heard")
