"""What the README shows is run as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from soundstage.results import Run
from soundstage.scenario import load_scenario

README = (Path(__file__).parents[1] / "README.md").read_text()
COMMAND = [sys.executable, "-c", "from soundstage.cli import run_scenario; run_scenario()"]


def block(language: str, holding: str) -> str:
    found = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    [only] = [text for text in found if holding in text]
    return str(only)


def play(folder: Path, toml: str, *, clock: str) -> Run:
    scenario = folder / "scenario.toml"
    scenario.write_text(toml)
    out = folder / "run"
    done = subprocess.run(
        [*COMMAND, str(scenario), "--clock", clock, "--ui", "none", "--out", str(out)],
        capture_output=True,
        text=True,
        timeout=55,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Run.load(out)


def test_the_scenario_is_right(tmp_path: Path) -> None:
    file = tmp_path / "readme.toml"
    file.write_text(block("toml", "[agents.alice]"))
    assert tuple(load_scenario(str(file)).agents) == ("alice", "bob")


def test_the_guard_mutes_and_admonishes_whoever_swears(tmp_path: Path) -> None:
    program = block("python", "class Guard")
    assert program.count("\n") <= 20
    (tmp_path / "guard.py").write_text(program)
    run = play(
        tmp_path,
        """
[agents.sailor]
opening_prompt = "Speak."
[agents.sailor.local]
lines = ["This terrible weather."]
[agents.guard]
kind = "./guard.py:Guard"
words = ["terrible"]
mute_for = "1s"
[[links]]
between = ["sailor", "guard"]
[end]
turns = 2
max = "20s"
""",
        clock="virtual",
    )
    assert [turn.agent for turn in run.turns] == ["sailor", "guard"]
    assert run.turns[1].generated == "sailor, please mind your language."


@pytest.mark.realtime
def test_the_echo_says_what_it_hears(tmp_path: Path) -> None:
    program = block("python", "class Echo")
    assert program.count("\n") <= 20
    (tmp_path / "echo.py").write_text(program)
    run = play(
        tmp_path,
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
