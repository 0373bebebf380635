from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from soundstage.errors import RunFolderError
from soundstage.report.embedded_sound import embedded_sound
from soundstage.results import RunFolder, Track
from soundstage.units import SAMPLE_RATE

if TYPE_CHECKING:
    from pathlib import Path


def tone(hertz: float, seconds: float) -> np.ndarray:
    return np.sin(np.arange(round(seconds * SAMPLE_RATE)) * 2 * np.pi * hertz / SAMPLE_RATE) * 8000


def write(path: Path, samples: np.ndarray, channels: int = 1) -> None:
    track = Track.open(path, channels=channels)
    track.write_at(0, samples.astype(np.int16).tobytes())
    track.close()


def decoded(source: str) -> tuple[np.ndarray, float]:
    """The sound of a data URI, channels first, and its length in seconds."""
    head, body = source.split(",", 1)
    assert head == "data:audio/webm;base64"
    with av.open(io.BytesIO(base64.b64decode(body))) as file:
        assert file.duration is not None
        length = file.duration / av.time_base
        frames = [frame.to_ndarray() for frame in file.decode(audio=0)]
    return np.concatenate(frames, axis=1), length


def loud(sound: np.ndarray, hertz: float) -> float:
    power = np.abs(np.fft.rfft(sound)) ** 2
    place = round(hertz * len(sound) / 48_000)
    return float(power[place - 20 : place + 20].sum() / power.sum())


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder.at(tmp_path / "run")


def test_the_mix_is_as_long_as_it_was_and_keeps_its_sides(folder: RunFolder):
    sides = np.stack([tone(440, 23), tone(1000, 23)], axis=1).reshape(-1)
    write(folder.mix, sides, channels=2)
    sound = embedded_sound(folder, ("ann",), "All agents")
    heard, length = decoded(sound.source)
    assert length == pytest.approx(23, abs=0.1)
    assert loud(heard[0], 440) > 0.9
    assert loud(heard[1], 1000) > 0.9


def test_without_a_mix_it_is_what_all_agents_said(folder: RunFolder):
    write(folder.audio("ann"), tone(440, 2))
    write(folder.audio("ben"), tone(1000, 4))
    sound = embedded_sound(folder, ("ann", "ben", "cleo"), "What Ann and Ben heard")
    assert sound.label == "All agents"
    heard, length = decoded(sound.source)
    assert length == pytest.approx(4, abs=0.1)
    assert loud(heard[0][:90_000], 440) == pytest.approx(loud(heard[0][:90_000], 1000), abs=0.1)


def test_ten_minutes_are_small_enough_to_send(folder: RunFolder):
    write(folder.mix, np.tile(tone(440, 60), 1), channels=1)
    sound = embedded_sound(folder, (), "All agents")
    assert len(sound.source) < 60 * 40_000 / 8 * 4 / 3 * 1.5


def test_a_recording_that_cannot_be_read_is_told(folder: RunFolder):
    folder.mix.write_bytes(b"no sound at all")
    with pytest.raises(RunFolderError, match="cannot be read"):
        embedded_sound(folder, (), "All agents")
