"""Words are credited to the member that spoke them, however noisy the line of another member is."""

from __future__ import annotations

import random
import wave
from typing import TYPE_CHECKING

import numpy as np
import pytest

from soundstage import run_scenario
from soundstage.messages import events
from soundstage.units import SAMPLE_RATE

if TYPE_CHECKING:
    from pathlib import Path

    from soundstage import Run

NOISY = """
[agents.a]
voice = "shimmer"
opening_prompt = "go"
[agents.a.local]
lines = ["Good morning everybody, how are you?", "The weather is fine today.", "See you on Friday."]
[agents.b]
voice = "ash"
[agents.b.local]
lines = ["I am well, thank you.", "Yes, it is very warm.", "Goodbye."]
[agents.c]
voice = "coral"
line = { sends = ["n"] }
[agents.c.turn_detection]
type = "server_vad"
create_response = false
[effects.n]
kind = "noise"
source = "pink"
snr = "SNR"
[rooms.r]
members = ["a", "b", "c"]
[end]
turns = 6
max = "1m"
"""


def played(snr: int, seed: int) -> Run:
    return run_scenario(toml=NOISY.replace("SNR", f"{snr}dB"), seed=seed, check=False)


def wrong(run: Run) -> list[str]:
    """What was credited to a member that did not speak then, by the turns that were played."""
    turns = list(run.events(events.Turn))
    found: list[str] = []
    for heard in run.events(events.HeardText):
        spoke = {turn.agent for turn in turns if turn.start < heard.end and heard.start < turn.end}
        if heard.text and heard.speaker and heard.speaker not in spoke:
            found.append(f"{heard.speaker}: {heard.text}")
    return found


@pytest.mark.parametrize(("snr", "seed"), [(-5, 1), (10, 0), (20, 2), (30, 3)])
def test_noise_is_nobodys_voice(snr: int, seed: int) -> None:
    run = played(snr, seed)
    assert wrong(run) == []
    assert {heard.speaker for heard in run.events(events.HeardText)} <= {"a", "b", ""}


@pytest.mark.prove
@pytest.mark.timeout(2400)
@pytest.mark.parametrize("snr", [-5, 0, 5, 10, 20, 30])
def test_noise_is_nobodys_voice_at_twenty_seeds(snr: int) -> None:
    found = [each for seed in range(20) for each in wrong(played(snr, seed))]
    print(f"{snr} dB: {len(found)} wrong")
    assert found == []


SOUNDING = """
[agents.a]
voice = "shimmer"
opening_prompt = "go"
[agents.a.local]
lines = ["Good morning everybody, how are you?", "The weather is fine today.", "See you on Friday."]
[agents.b]
voice = "ash"
[agents.b.local]
lines = ["I am well, thank you.", "Yes, it is very warm.", "Goodbye."]
[agents.c]
kind = "file"
plays = "PLAYS"
repeat = true
[rooms.r]
members = ["a", "b", "c"]
[end]
turns = 4
max = "30s"
"""


@pytest.mark.parametrize("level", [-40, -30, -20])
def test_a_member_that_plays_noise_itself_is_not_taken_for_the_one_who_speaks(
    tmp_path: Path, level: int
) -> None:
    draw = random.Random(7)
    loud = 32_768 * 10 ** (level / 20)
    noise = np.array([draw.gauss(0, loud) for _ in range(2 * SAMPLE_RATE)])
    with wave.open(str(tmp_path / "noise.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(np.clip(noise, -32_768, 32_767).astype("<i2").tobytes())
    toml = SOUNDING.replace("PLAYS", str(tmp_path / "noise.wav"))
    run = run_scenario(toml=toml, check=False)
    heard = [event for event in run.events(events.HeardText) if event.text]
    assert heard
    assert wrong(run) == []
    assert {event.speaker for event in heard} <= {"a", "b"}
