"""The agents of the guide are run as they stand there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from soundstage.messages.events import Noted

if TYPE_CHECKING:
    from soundstage.pytest_plugin import RunScenario
    from soundstage.results import Run

GUIDE = (Path(__file__).parents[2] / "docs" / "agents.md").read_text()
PROGRAMS = dict(re.findall(r"```python\n# (\w+\.py)\n(.*?)```", GUIDE, re.DOTALL))


def play(
    run_scenario: RunScenario, folder: Path, program: str, toml: str, clock: str = "virtual"
) -> Run:
    (folder / program).write_text(PROGRAMS[program])
    file = folder / "guide.toml"
    file.write_text(toml)
    return run_scenario(file, clock=clock)


@pytest.mark.parametrize("program", ["counter.py", "morse.py", "guard.py", "echo.py"])
def test_an_agent_takes_at_most_thirty_lines(program: str) -> None:
    assert PROGRAMS[program].count("\n") + 1 <= 30


def test_the_counter_counts(run_scenario: RunScenario, tmp_path: Path) -> None:
    run = play(
        run_scenario,
        tmp_path,
        "counter.py",
        """
[agents.caller]
kind = "scripted"
voice = "ash"
lines = ["It is five words long, and these are five more."]
[agents.counter]
kind = "./counter.py:Counter"
every = 10
[[links]]
from = "caller"
to = "counter"
[[links]]
from = "counter"
to = "caller"
[end]
when = [{ agent = "counter", event = "speech_stopped" }]
max = "30s"
""",
    )
    counted = [event.data["caller"] for event in run.events(Noted, "counter")]
    assert counted == [10]
    assert run.said_by("counter") == "That makes 10 words."


def test_morse_answers_in_code(run_scenario: RunScenario, tmp_path: Path) -> None:
    run = play(
        run_scenario,
        tmp_path,
        "morse.py",
        """
[agents.caller]
kind = "scripted"
voice = "ash"
lines = ["Some old stories."]
[agents.morse]
kind = "./morse.py:Morse"
[[links]]
between = ["caller", "morse"]
[end]
silence = "3s"
max = "30s"
""",
    )
    [answered] = run.events(Noted, "morse")
    assert answered.data["code"] == "... --- ..."
    sound = run.audio("morse").reshape(-1, 480)
    audible = np.flatnonzero(np.abs(sound).max(axis=1) > 8000)
    # Three dots, three dashes, three dots: frames of 20 ms.
    assert len(audible) == 3 * 3 + 3 * 9 + 3 * 3


def test_the_guard_mutes_an_agent_that_swears(run_scenario: RunScenario, tmp_path: Path) -> None:
    run = play(
        run_scenario,
        tmp_path,
        "guard.py",
        """
[agents.sailor]
kind = "scripted"
voice = "ash"
lines = ["What terrible weather we have."]
[agents.guard]
kind = "./guard.py:Guard"
words = ["terrible"]
mute_for = "1s"
[[links]]
between = ["sailor", "guard"]
[end]
turns = 2
max = "30s"
""",
    )
    assert run.said_by("guard") == "sailor, please mind your language."


@pytest.mark.realtime
def test_the_echo_says_what_it_hears(run_scenario: RunScenario, tmp_path: Path) -> None:
    run = play(
        run_scenario,
        tmp_path,
        "echo.py",
        """
[agents.caller]
opening_prompt = "Speak."
turn_detection = { type = "server_vad", create_response = false, interrupt_response = false }
[agents.caller.local]
lines = ["The quick brown fox is here."]
[agents.echo]
kind = "./echo.py:Echo"
[[links]]
between = ["caller", "echo"]
[end]
when = [{ agent = "echo", said = "brown fox" }]
max = "20s"
""",
        clock="wall",
    )
    assert run.reason == "when[0]"


@pytest.mark.realtime
def test_the_test_of_the_guide_passes(tmp_path: Path) -> None:
    for name in ("guard.py", "test_guard.py"):
        (tmp_path / name).write_text(PROGRAMS[name])
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", tmp_path]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=50, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stdout
