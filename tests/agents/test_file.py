"""A recording as a voice, and a file that keeps what is heard."""

from __future__ import annotations

import wave
from typing import TYPE_CHECKING

import numpy as np
import pytest
from dummy_stage import DummyStage
from pydantic import ValidationError

from soundstage.kernel import SimulatedKernel
from soundstage.messages.events import AgentSpeechStarted, AgentSpeechStopped, Warned
from soundstage.units import FRAME_SAMPLES, SAMPLE_RATE, samples_of_seconds
from soundstage_agents.file import FileAgent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def stage() -> Iterator[DummyStage]:
    with SimulatedKernel() as kernel:
        yield DummyStage(kernel, "voice", "ear")


def recording(path: Path, *, rate: int = SAMPLE_RATE, channels: int = 1) -> np.ndarray:
    """Half a second of a tone; returns its samples."""
    at = np.arange(rate // 2)
    samples = np.rint(9000 * np.sin(2 * np.pi * 300 * at / rate)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.repeat(samples, channels).tobytes())
    return samples


def kept(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


def test_what_is_kept_is_what_was_played_to_the_sample(stage: DummyStage, tmp_path: Path) -> None:
    samples = recording(tmp_path / "in.wav")
    stage.cast("voice", FileAgent, settings={"plays": str(tmp_path / "in.wav")})
    stage.cast("ear", FileAgent, settings={"keeps": str(tmp_path / "out.wav")})
    stage.run(0)  # no agent begins until the recording has been read
    stage.begin()
    stage.run(samples_of_seconds(1))
    stage.kernel.stop([[stage.agents["ear"]]], samples_of_seconds(1))
    sound = kept(tmp_path / "out.wav")
    start = int(np.flatnonzero(sound)[0]) // FRAME_SAMPLES * FRAME_SAMPLES
    assert np.array_equal(sound[start : start + len(samples)], samples)
    assert not sound[start + len(samples) :].any()


@pytest.mark.parametrize(("rate", "channels"), [(16_000, 1), (48_000, 2), (44_100, 1)])
def test_any_rate_and_any_number_of_channels_can_be_played(
    stage: DummyStage, tmp_path: Path, rate: int, channels: int
) -> None:
    recording(tmp_path / "in.wav", rate=rate, channels=channels)
    stage.cast("voice", FileAgent, settings={"plays": str(tmp_path / "in.wav")})
    stage.cast("ear", FileAgent, settings={"keeps": str(tmp_path / "out.wav")})
    stage.run(0)  # no agent begins until the recording has been read
    stage.begin()
    stage.run(samples_of_seconds(1))
    stage.kernel.stop([[stage.agents["ear"]]], samples_of_seconds(1))
    loud = np.flatnonzero(np.abs(kept(tmp_path / "out.wav")) > 1000)
    assert abs((loud[-1] - loud[0]) / SAMPLE_RATE - 0.5) < 0.01


def test_its_beginning_and_end_are_logged(stage: DummyStage, tmp_path: Path) -> None:
    recording(tmp_path / "in.wav")
    stage.cast("voice", FileAgent, settings={"plays": str(tmp_path / "in.wav")})
    stage.run(0)  # no agent begins until the recording has been read
    stage.begin()
    stage.run(samples_of_seconds(1))
    [started], [stopped] = stage.of(AgentSpeechStarted), stage.of(AgentSpeechStopped)
    assert stopped.pts - started.pts == samples_of_seconds(0.5)


def test_that_a_recording_is_silent_is_logged(stage: DummyStage, tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "in.wav"), "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        file.writeframes(bytes(SAMPLE_RATE))
    stage.cast("voice", FileAgent, settings={"plays": str(tmp_path / "in.wav")})
    stage.run(0)
    [warned] = stage.of(Warned)
    assert (warned.agent, warned.code) == ("voice", "recording")
    assert "in.wav is silent" in warned.message


def test_a_recording_that_repeats_begins_again(stage: DummyStage, tmp_path: Path) -> None:
    recording(tmp_path / "in.wav")
    stage.cast("voice", FileAgent, settings={"plays": str(tmp_path / "in.wav"), "repeat": True})
    stage.run(0)  # no agent begins until the recording has been read
    stage.begin()
    stage.run(samples_of_seconds(1.9))
    assert len(stage.of(AgentSpeechStarted)) == 4


@pytest.mark.parametrize("settings", [{}, {"keeps": "x.wav", "repeat": True}])
def test_a_file_agent_without_its_file_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="plays"):
        FileAgent.Settings.model_validate(settings)
