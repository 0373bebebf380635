"""Recordings that a scenario names: each is read by the same reader, before the run."""

from __future__ import annotations

import wave

import numpy as np
import pytest

from soundstage.audio import to_float
from soundstage.errors import ScenarioError
from soundstage.scenario import load_scenario

SCENARIO = """
[agents.voice]
kind = "scripted"
lines = ["Hello."]

[agents.ear]
kind = "file"
keeps = "out.wav"

[[links]]
from = "voice"
to = "ear"

[end]
max = "2s"
"""

CUE = """
[[cues]]
after = { at = "1s" }
agent = "voice"
play = "sides.wav"
"""

NOISE = """
[effects.cafe]
kind = "noise"
source = "sides.wav"
"""

FILE = """
[agents.player]
kind = "file"
plays = "sides.wav"
[[links]]
from = "player"
to = "ear"
"""


@pytest.fixture
def sides(tmp_path):
    """A second of sound on the left, silence on the right."""
    path = tmp_path / "sides.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, 24_000, 0, "NONE", ""))
        file.writeframes(np.tile(np.array([8000, 0, -8000, 0], "<i2"), 12_000).tobytes())
    return path


def warnings_of(path, text):
    return load_scenario(path, toml=text, clock="virtual").warnings


def scenario_with(table, *lines):
    """The table goes last or, with its own link, in front of what ends the scenario."""
    return SCENARIO + table.replace('sides.wav"', "\n".join(['sides.wav"', *lines]), 1)


@pytest.mark.parametrize("table", [CUE, NOISE, FILE])
def test_a_recording_that_is_heard_is_not_remarked_on(tmp_path, monkeypatch, sides, table):
    monkeypatch.chdir(tmp_path)
    for lines in ((), ('channel = "left"',), ("channel = 1",)):
        assert warnings_of(tmp_path / "a.toml", scenario_with(table, *lines)) == ()


@pytest.mark.parametrize("table", [CUE, FILE])
def test_a_channel_that_is_silent_is_warned_about(tmp_path, monkeypatch, sides, table):
    monkeypatch.chdir(tmp_path)
    [warning] = warnings_of(tmp_path / "a.toml", scenario_with(table, 'channel = "right"'))
    assert "is silent in channel right" in warning


def test_noise_of_a_silent_channel_is_refused(tmp_path, monkeypatch, sides):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ScenarioError, match="is silent, so it cannot be made louder"):
        warnings_of(tmp_path / "a.toml", scenario_with(NOISE, 'channel = "right"'))


@pytest.mark.parametrize("table", [CUE, NOISE, FILE])
def test_what_cannot_be_read_is_refused_before_the_run(tmp_path, monkeypatch, sides, table):
    monkeypatch.chdir(tmp_path)
    sides.write_bytes(b"RIFF no sound at all")
    with pytest.raises(ScenarioError, match=r"sides\.wav cannot be read as a recording") as refused:
        warnings_of(tmp_path / "a.toml", scenario_with(table))
    assert "save it as" in str(refused.value)


@pytest.mark.parametrize("table", [CUE, NOISE, FILE])
@pytest.mark.parametrize(
    ("channel", "reason"), [("3", "no channel 3"), ("0", "channel"), ('"middle"', "channel")]
)
def test_a_channel_that_is_not_there_is_refused_by_name(
    tmp_path, monkeypatch, sides, table, channel, reason
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ScenarioError, match=reason):
        warnings_of(tmp_path / "a.toml", scenario_with(table, f"channel = {channel}"))


@pytest.mark.parametrize(
    "table",
    [
        '[[cues]]\nafter = { at = "1s" }\nagent = "voice"\nsay = "Hi."\nchannel = 1\n',
        '[effects.hiss]\nkind = "noise"\nchannel = 1\n',
        '[agents.player]\nkind = "file"\nkeeps = "b.wav"\nchannel = 1\n',
    ],
)
def test_a_channel_of_nothing_is_refused(tmp_path, monkeypatch, table):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ScenarioError, match="channel"):
        warnings_of(tmp_path / "a.toml", SCENARIO + table)


def test_a_cue_plays_the_channel_that_it_names(tmp_path, monkeypatch, sides):
    monkeypatch.chdir(tmp_path)
    loudest = {}
    for lines in ("", "channel = 1"):
        text = scenario_with(CUE, lines)
        [cue] = load_scenario(tmp_path / "a.toml", toml=text, clock="virtual").cues
        loudest[lines] = np.abs(to_float(cue.sound)).max() * 32768
    assert loudest == pytest.approx({"": 4000, "channel = 1": 8000}, abs=2)
