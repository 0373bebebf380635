from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import numpy as np
import pytest

from soundstage.report.waveform import MOST, waveform
from soundstage.results import Track
from soundstage.units import FRAME_SAMPLES

if TYPE_CHECKING:
    from pathlib import Path


def recorded(path: Path, samples: np.ndarray) -> Path:
    track = Track.open(path)
    track.write_at(0, samples.astype(np.int16).tobytes())
    track.close()
    return path


def peaks(path: Path, length: int) -> list[int]:
    found = waveform(path, length)
    assert found is not None
    return list(base64.b64decode(found.peaks))


def test_each_20_ms_has_its_loudest_sample_whatever_its_sign(tmp_path: Path):
    samples = np.zeros(3 * FRAME_SAMPLES + 10)
    samples[5] = 8192
    samples[FRAME_SAMPLES] = -32768
    samples[-1] = -2048
    path = recorded(tmp_path / "a.wav", samples)
    assert peaks(path, len(samples)) == [127, 255, 0, 63]


def test_a_long_recording_has_longer_steps(tmp_path: Path):
    path = recorded(tmp_path / "a.wav", np.full(10 * FRAME_SAMPLES, 32767))
    found = waveform(path, 3 * MOST * FRAME_SAMPLES)
    assert found is not None
    assert found.step == pytest.approx(0.06)
    assert len(base64.b64decode(found.peaks)) == 4


@pytest.mark.parametrize("content", [b"", b"RIFF", b"RF64", b"no sound at all"])
def test_what_is_no_recording_has_no_waveform(tmp_path: Path, content: bytes):
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    assert waveform(path, FRAME_SAMPLES) is None
    assert waveform(tmp_path / "absent.wav", FRAME_SAMPLES) is None
