"""Turns and words of agents that tell none of their own: they are found in the sound."""

from __future__ import annotations

import wave
from typing import TYPE_CHECKING

import numpy as np
import pytest

from soundstage.config.values import normalize, word_error_rate
from soundstage.errors import UsageError
from soundstage.messages import events
from soundstage.speech import Engines
from soundstage.units import SAMPLE_RATE

if TYPE_CHECKING:
    from pathlib import Path

    from soundstage.pytest_plugin import RunScenario

FIRST = "Good morning, I would like to know when you open."
SECOND = "Thank you very much, that is all."
CALL = """
[agents.caller]
kind = "file"
plays = "PLAYS"
[agents.desk]
voice = "ash"
[agents.desk.local]
otherwise = "We open at nine."
[[links]]
between = ["caller", "desk"]
[end]
END
"""
MORE = """
[record]
words = false
"""
AUDIBLE = 100
"""Sample value from which on a sound counts, as in the metrics."""


def spoken(text: str) -> np.ndarray:
    parts = Engines().synthesizer.synthesize(text, "coral")
    return np.frombuffer(b"".join(part.pcm for part in parts), "<i2")


def recorded(path: Path, *parts: np.ndarray) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(np.concatenate(parts).tobytes())
    return path


def pause(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * SAMPLE_RATE), np.int16)


def call(recording: Path, end: str = 'silence = "6s"\nmax = "30s"', more: str = "") -> str:
    return CALL.replace("PLAYS", str(recording)).replace("END", end) + more


def test_a_recording_has_turns_with_words_and_gaps(
    run_scenario: RunScenario, tmp_path: Path
) -> None:
    parts = (pause(0.5), spoken(FIRST), pause(4), spoken(SECOND), pause(1))
    run = run_scenario(toml=call(recorded(tmp_path / "caller.wav", *parts)))
    assert [turn.agent for turn in run.turns] == ["caller", "desk"] * 2
    assert word_error_rate(f"{FIRST} {SECOND}", run.said_by("caller")) <= 0.1
    first, answer, second, _ = run.turns
    assert (first.text_source, answer.text_source) == ("recognised", "told")
    assert first.gap is None
    sound = np.abs(run.audio("caller").astype(np.int32)) >= AUDIBLE
    heard = np.flatnonzero(sound) / SAMPLE_RATE
    assert first.start == pytest.approx(heard[0], abs=0.02)
    assert second.end == pytest.approx(heard[-1], abs=0.02)
    # From the last audible sample of the one to the first of the other.
    desk = np.flatnonzero(np.abs(run.audio("desk").astype(np.int32)) >= AUDIBLE) / SAMPLE_RATE
    desk = desk[desk < second.start]
    assert answer.gap == pytest.approx(desk[0] - heard[heard < 5][-1], abs=0.02)
    assert second.gap == pytest.approx(heard[heard > 5][0] - desk[-1], abs=0.02)
    assert normalize(first.heard_by["desk"]) == normalize(first.text)
    assert run.metrics["caller"].turns == 2
    assert run.metrics["desk"].response_gap.count == 2
    assert "morning" in run.transcript.split("**Desk**")[0]


def test_the_same_turns_are_found_every_time(run_scenario: RunScenario, tmp_path: Path) -> None:
    toml = call(recorded(tmp_path / "caller.wav", spoken(FIRST), pause(5)))
    runs = [run_scenario(toml=toml) for _ in range(2)]
    assert runs[0].fingerprint == runs[1].fingerprint


def test_turns_that_were_found_do_not_end_a_run_by_their_number(
    run_scenario: RunScenario, tmp_path: Path
) -> None:
    parts = (spoken(FIRST), pause(5), spoken(SECOND), pause(1))
    toml = call(recorded(tmp_path / "caller.wav", *parts), 'turns = 3\nsilence = "6s"\nmax = "30s"')
    run = run_scenario(toml=toml)
    assert run.reason == "silence"
    assert len(run.turns) == 4


def test_a_turn_that_was_found_can_end_a_run_as_a_moment(
    run_scenario: RunScenario, tmp_path: Path
) -> None:
    end = 'when = [{ event = "turn", agent = "caller", nth = 2 }]\nmax = "30s"'
    parts = (spoken(FIRST), pause(5), spoken(SECOND), pause(5))
    run = run_scenario(toml=call(recorded(tmp_path / "caller.wav", *parts), end))
    assert run.reason == "when[0]"
    assert word_error_rate(f"{FIRST} {SECOND}", run.said_by("caller")) <= 0.1


def test_what_a_recording_was_saying_when_the_run_ended_is_told(
    run_scenario: RunScenario, tmp_path: Path
) -> None:
    toml = call(recorded(tmp_path / "caller.wav", spoken(FIRST), pause(9)), 'max = "1500ms"')
    run = run_scenario(toml=toml)
    [turn] = run.turns
    assert turn.end == pytest.approx(1.5, abs=0.1)
    words = normalize(run.said_by("caller"))
    assert words[:2] == ("good", "morning")
    assert len(words) < len(normalize(FIRST))


def test_words_that_nothing_recognised_are_not_told_as_silence(
    run_scenario: RunScenario, tmp_path: Path
) -> None:
    run = run_scenario(
        toml=call(recorded(tmp_path / "caller.wav", spoken(FIRST), pause(4)), more=MORE)
    )
    assert [(turn.agent, turn.text_source) for turn in run.turns] == [
        ("caller", "unknown"),
        ("desk", "told"),
    ]
    with pytest.raises(UsageError, match="caller spoke 1 times, and 1 of these turns were not"):
        run.said_by("caller")
    assert run.said_by("desk")
    assert "(not recognised)" in run.transcript


def test_a_recording_without_speech_has_no_turns(run_scenario: RunScenario, tmp_path: Path) -> None:
    time = np.arange(3 * SAMPLE_RATE) / SAMPLE_RATE
    tone = (8000 * np.sin(2 * np.pi * 440 * time)).astype(np.int16)
    run = run_scenario(toml=call(recorded(tmp_path / "tone.wav", tone)))
    assert not [turn for turn in run.turns if turn.agent == "caller"]


CRASH = """
[agents.bot]
voice = "ash"
on_fault = "leave"
opening_prompt = "Go."
[agents.bot.local]
lines = ["TEXT"]
faults = [ { kind = "drop", nth = 1, after = "AFTER" } ]
[agents.caller]
kind = "scripted"
voice = "coral"
[[links]]
between = ["bot", "caller"]
[end]
silence = "2s"
max = "30s"
"""
OFFER = (
    "Our shop is open from nine in the morning until six in the evening on every day of the week "
    "except for Sunday, and we have parking behind the house."
)


@pytest.mark.parametrize("after", ["1300ms", "2700ms", "4s"])
def test_the_words_of_a_call_that_is_lost_in_mid_turn_are_those_that_were_played(
    run_scenario: RunScenario, after: str
) -> None:
    run = run_scenario(toml=CRASH.replace("TEXT", OFFER).replace("AFTER", after), check=False)
    [turn] = [turn for turn in run.turns if turn.agent == "bot"]
    assert (turn.text_source, turn.estimated) == ("recognised", False)
    assert OFFER.startswith(turn.text)
    sound = run.audio("bot")[int(turn.start * SAMPLE_RATE) : int(turn.end * SAMPLE_RATE)]
    heard = Engines().recognizer.recognize(sound.tobytes()).text
    # The last word may be half a word in one of the two.
    assert abs(len(normalize(heard)) - len(normalize(turn.text))) <= 1
    assert word_error_rate(heard, turn.text) <= 0.2
    assert run.events(events.Interrupted) == ()
