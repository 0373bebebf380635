"""Recordings in, samples of the run out."""

from __future__ import annotations

import wave
from typing import TYPE_CHECKING

import numpy as np
import pytest

from soundstage.audio import to_float
from soundstage.errors import UsageError
from soundstage.recordings import read_recording
from soundstage.units import SAMPLE_RATE, samples_of_seconds

if TYPE_CHECKING:
    from pathlib import Path


def save(path: Path, samples: np.ndarray, *, rate: int = SAMPLE_RATE, width: int = 2) -> Path:
    """Samples, a column for each channel, as a WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(width)
        file.setframerate(rate)
        if width == 3:
            wide = (samples.astype("<i4") << 8).view("u1").reshape(-1, 4)[:, :3]
            file.writeframes(wide.tobytes())
        else:
            file.writeframes(samples.astype("<i2").tobytes())
    return path


def test_samples_at_the_rate_of_the_run_come_as_they_are(tmp_path: Path) -> None:
    samples = np.arange(-32768, 32768, 7, dtype="<i2")[:, None]
    assert read_recording(save(tmp_path / "a.wav", samples)).pcm == samples.tobytes()


def test_a_recording_has_the_rate_of_the_run_with_its_channels_mixed(tmp_path: Path) -> None:
    stereo = np.tile(np.array([[3000, 1000]]), (48_000, 1))
    pcm = np.frombuffer(read_recording(save(tmp_path / "a.wav", stereo, rate=48_000)).pcm, "<i2")
    assert len(pcm) == SAMPLE_RATE
    assert np.abs(pcm[1000:-1000] - 2000).max() <= 2


@pytest.mark.parametrize(
    ("rate", "channels", "width"), [(24_000, 1, 2), (48_000, 2, 2), (8000, 1, 2), (24_000, 1, 3)]
)
def test_a_recording_may_have_any_rate_and_width(
    tmp_path: Path, rate: int, channels: int, width: int
) -> None:
    tone = np.rint(8000 * np.sin(2 * np.pi * 400 * np.arange(rate) / rate))
    samples = np.repeat(tone[:, None], channels, axis=1)
    sound = to_float(read_recording(save(tmp_path / "a.wav", samples, rate=rate, width=width)).pcm)
    assert abs(len(sound) - 24_000) <= 2
    assert np.abs(np.fft.rfft(sound[:24_000])).argmax() == 400
    assert np.abs(sound[1000:-1000]).max() == pytest.approx(8000 / 32768, rel=0.02)


def test_a_recording_that_is_longer_than_it_may_be_is_refused_by_name(tmp_path: Path) -> None:
    file = save(tmp_path / "long.wav", np.zeros((2 * SAMPLE_RATE + 480, 1)))
    with pytest.raises(UsageError, match=r"long\.wav is longer than 2 s"):
        read_recording(file, longest=samples_of_seconds(2))


@pytest.mark.parametrize("content", [b"", b"no sound at all", b"RIFF\x00\x00\x00\x00WAVEfmt "])
def test_what_is_no_recording_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "some.wav"
    file.write_bytes(content)
    with pytest.raises(UsageError, match=r"some\.wav"):
        read_recording(file)


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no file"):
        read_recording(tmp_path / "none.wav")
