"""A program of one's own speaks and hears as frames: what it says is judged like any other's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from soundstage import run_scenario
from soundstage.config.values import word_error_rate
from soundstage.units import SAMPLE_RATE

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.realtime

FIRST = "Good morning, I would like to know when you open."
SECOND = "Thank you very much, that is all."
PROGRAM = f"""
import asyncio
from soundstage import AsyncAgent, Line
from soundstage.speech import Engines

def spoken(text):
    return b"".join(part.pcm for part in Engines().synthesizer.synthesize(text, "coral"))

class Program(AsyncAgent):
    async def run(self, line: Line) -> None:
        first, second = spoken("{FIRST}"), spoken("{SECOND}")
        line.write(first)
        answered = False
        quiet = 0
        async for frame in line:
            loud = any(frame.speakers)
            answered = answered or loud
            quiet = 0 if loud else quiet + 1
            if answered and quiet == 60:
                line.write(second)
                return
"""
SCENE = """
[agents.mine]
kind = "./program.py:Program"
[agents.desk]
voice = "ash"
[agents.desk.local]
rules = [ { heard = "open", say = "We open at nine." } ]
otherwise = "Goodbye."
[[links]]
between = ["mine", "desk"]
[end]
max = "60s"
"""


@pytest.mark.timeout(180)
def test_what_a_program_says_has_turns_words_and_gaps(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "scene.toml").write_text(SCENE)
    run = run_scenario(
        tmp_path / "scene.toml", clock="wall", out=tmp_path / "run", cache=False, check=False
    )
    assert run.reason == "left:mine"
    mine = [turn for turn in run.turns if turn.agent == "mine"]
    assert [turn.text_source for turn in mine] == ["recognised"] * 2
    assert word_error_rate(f"{FIRST} {SECOND}", run.said_by("mine")) <= 0.15
    assert [turn.agent for turn in run.turns][:3] == ["mine", "desk", "mine"]
    # The gap is the one that is in the recordings.
    audible = {
        name: np.flatnonzero(np.abs(run.audio(name).astype(np.int32)) >= 100) / SAMPLE_RATE
        for name in ("mine", "desk")
    }
    answer, second = run.turns[1], run.turns[2]
    before = audible["desk"][audible["desk"] < second.start]
    after = audible["mine"][audible["mine"] > answer.end]
    assert second.gap == pytest.approx(after[0] - before[-1], abs=0.04)
    assert run.metrics["mine"].turns == 2
    assert run.metrics["mine"].response_gap.count == 1
