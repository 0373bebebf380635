"""Files as users have them: of all kinds, damaged, and joined."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import numpy as np
import pytest
from make_sounds import (
    KINDS,
    PEAK,
    RATE,
    SECONDS,
    Kind,
    encoded,
    make_damaged,
    make_kind,
    missing_tool,
    tone,
    wav,
)

from soundstage.audio import to_float
from soundstage.errors import UsageError
from soundstage.recordings import Recording, read_recording
from soundstage.units import SAMPLE_RATE

if TYPE_CHECKING:
    from pathlib import Path

GSM_SILENCE = bytes.fromhex("d820a2e15a50004924924924" + "50004924924924" * 3)


def seconds(recording: Recording) -> float:
    return len(recording.pcm) / 2 / SAMPLE_RATE


def level(recording: Recording) -> float:
    """Decibels above that of the tone, in the middle, where codecs have settled."""
    sound = to_float(recording.pcm)
    middle = sound[len(sound) // 4 : -len(sound) // 4].astype(np.float64)
    return 20 * np.log10(np.sqrt(np.mean(middle**2)) / (PEAK / np.sqrt(2)))


def assert_is_refused_in_one_line(path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        read_recording(path)
    assert "\n" not in str(refused.value)
    assert path.name in str(refused.value)
    assert "save it as" in str(refused.value)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_kind_of_file_is_played_as_long_and_as_loud_as_it_is(
    tmp_path: Path, kind: Kind
) -> None:
    tool = missing_tool(kind)
    if tool is not None:
        pytest.skip(f"{tool} is not installed")
    try:
        path = make_kind(kind, tmp_path)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"{tool} was built without it: {error.stderr!r}")
    if not kind.is_played:
        assert_is_refused_in_one_line(path)
        return
    recording = read_recording(path)
    assert seconds(recording) == pytest.approx(SECONDS, abs=0.05)
    assert level(recording) == pytest.approx(0, abs=1)
    assert recording.remarks == ()


def test_damaged_and_joined_files_are_played_as_players_do_or_refused(tmp_path: Path) -> None:
    made = make_damaged(tmp_path)
    assert len(made) == 15
    for file in made:
        if file.seconds is None:
            assert_is_refused_in_one_line(file.path)
            continue
        recording = read_recording(file.path)
        assert seconds(recording) == pytest.approx(file.seconds, abs=0.05), file.path.name
        assert level(recording) == pytest.approx(0, abs=1), file.path.name
        assert ["damaged" in remark for remark in recording.remarks] == [True] * file.is_told


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp3", "libmp3lame"), ("a.opus", "libopus"), ("a.flac", "flac"), ("a.m4a", "aac")],
)
def test_what_ffmpeg_encodes_is_read_where_no_program_of_it_is_installed(
    tmp_path: Path, name: str, codec: str
) -> None:
    encoded(tmp_path / name, codec, 48_000, 2)
    recording = read_recording(tmp_path / name)
    assert seconds(recording) == pytest.approx(SECONDS, abs=0.05)
    assert level(recording) == pytest.approx(0, abs=1)


@pytest.mark.parametrize("name", ["a.ul", "a.ulaw", "a.pcmu"])
def test_mu_law_without_a_header_has_the_rate_of_a_telephone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x00\x80" * 8000)
    assert seconds(read_recording(tmp_path / name)) == 2


def test_gsm_of_a_telephone_system_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.gsm").write_bytes(GSM_SILENCE * 50)
    assert seconds(read_recording(tmp_path / "a.gsm")) == pytest.approx(1, abs=0.01)


def test_a_silent_recording_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(wav(bytes(48_000)))
    [remark] = read_recording(tmp_path / "a.wav").remarks
    assert "a.wav is silent: nothing will be heard of it" in remark


def two_sided(path: Path) -> Path:
    """The tone on the left, half as loud on the right."""
    sides = np.stack([tone(), tone(peak=PEAK / 2)], axis=1)
    content = bytearray(wav(sides.tobytes()))
    content[22], content[32] = 2, 4
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("channel", "decibels"), [(None, -2.5), ("left", 0), ("right", -6), (1, 0), (2, -6)]
)
def test_channels_are_averaged_or_one_is_taken(
    tmp_path: Path, channel: str | int | None, decibels: float
) -> None:
    recording = read_recording(two_sided(tmp_path / "a.wav"), channel=channel)
    assert level(recording) == pytest.approx(decibels, abs=0.1)


def test_a_channel_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a\.wav has 2 channels, so there is no channel 3"):
        read_recording(two_sided(tmp_path / "a.wav"), channel=3)
    (tmp_path / "mono.wav").write_bytes(wav(tone().tobytes()))
    with pytest.raises(UsageError, match=r"has one channel, so there is no channel right"):
        read_recording(tmp_path / "mono.wav", channel="right")


def test_a_silent_side_is_told_only_where_it_is_asked_for(tmp_path: Path) -> None:
    sides = np.stack([tone(), np.zeros_like(tone())], axis=1)
    content = bytearray(wav(sides.tobytes()))
    content[22], content[32] = 2, 4
    (tmp_path / "a.wav").write_bytes(content)
    assert read_recording(tmp_path / "a.wav").remarks == ()
    [remark] = read_recording(tmp_path / "a.wav", channel="right").remarks
    assert "is silent in channel right" in remark


def test_a_header_with_an_impossible_rate_is_refused(tmp_path: Path) -> None:
    content = wav(tone().tobytes()).replace(RATE.to_bytes(4, "little"), bytes([7, 0, 0, 0]))
    (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(UsageError, match="rate of 7 Hz"):
        read_recording(tmp_path / "a.wav")


def test_samples_that_are_no_numbers_are_silence_or_full_scale(tmp_path: Path) -> None:
    floats = np.tile(np.array([np.nan, np.inf, -np.inf, 0.5, 3e38, -3e38], "<f4"), 9000)
    content = bytearray(wav(floats.tobytes()))
    content[20], content[32], content[34] = 3, 4, 32
    content[24:28] = SAMPLE_RATE.to_bytes(4, "little")
    (tmp_path / "a.wav").write_bytes(content)
    sound = to_float(read_recording(tmp_path / "a.wav").pcm)
    assert sound[:6] == pytest.approx([0, 1, -1, 0.5, 1, -1], abs=0.001)
