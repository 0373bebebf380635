"""The command on a small call."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from soundstage.cli.command_line import _soundstage

if TYPE_CHECKING:
    from pathlib import Path

SCENE = """
[scenario]
under_test = ["bot"]
[agents.bot]
voice = "ash"
[agents.bot.local]
rules = [{ heard = "hello", say = "It is 12." }]
[agents.caller]
kind = "scripted"
voice = "coral"
lines = ["Hello."]
[[links]]
between = ["bot", "caller"]
[end]
turns = 2
silence = "6s"
[[expect]]
id = "twelve"
agent = "bot"
said = "12"
"""


@pytest.mark.timeout(300)
def test_the_command_names_what_nothing_catches_and_goes_on_in_its_folder(tmp_path: Path) -> None:
    scene, out = tmp_path / "small.toml", tmp_path / "runs"
    scene.write_text(SCENE)
    command = ["selftest", str(scene), "--repeat", "1", "--jobs", "1"]
    shown = CliRunner().invoke(_soundstage, [*command, "--out", str(out)])
    assert "A/A       identical: 1 of 1 runs made twice" in shown.output, shown.output
    assert "wrong_number in bot is caught by twelve alone" in shown.output
    again = CliRunner().invoke(_soundstage, [*command, "--out", str(out), "--json"])
    found = {each["fault"]: each["status"] for each in json.loads(again.stdout)["faults"]}
    assert found == {
        "late": "missed",
        "deaf": "caught",
        "talkative": "missed",
        "wrong_number": "caught",
        "never_yields": "no_effect",
        "repeated_call": "not_planted",
    }
    assert "the scenario passes with: late in bot, talkative in bot" in shown.output
    assert shown.exit_code == again.exit_code == 1
