"""What stands on the standard output, whatever is printed and whatever the terminal can show."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from soundstage import Run, run_scenario

COMMAND = [sys.executable, "-c", "from soundstage.cli import run_scenario; run_scenario()"]

TALKATIVE = """
import os
from soundstage import Agent
print("loaded")

class Talkative(Agent):
    def started(self):
        super().started()
        print("printed")
        os.system("echo from a program")
"""

SCENARIO = """
[agents.ann]
kind = "./talkative.py:Talkative"
[agents.ben]
kind = "./talkative.py:Talkative"
[[links]]
between = ["ann", "ben"]
[end]
silence = "1s"
max = "9s"
"""


def run(folder: Path, *options: str, encoding: str = "utf-8") -> subprocess.CompletedProcess[bytes]:
    (folder / "talkative.py").write_text(TALKATIVE)
    file = folder / "café.toml"
    file.write_text(SCENARIO, encoding="utf-8")
    command = [*COMMAND, str(file), "--clock", "virtual", "--no-cache", *options]
    env = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    return subprocess.run(
        command, cwd=folder, env=env, capture_output=True, timeout=60, check=False
    )


@pytest.mark.parametrize("more", [(), ("--repeat", "2", "--jobs", "1")])
def test_what_code_of_the_user_prints_is_never_among_the_events(tmp_path, more):
    done = run(tmp_path, "--ui", "json", "--out", str(tmp_path / "out"), *more)
    lines = done.stdout.decode().splitlines()
    assert done.returncode == 0, done.stderr.decode()
    assert lines
    assert all(isinstance(json.loads(line), dict) for line in lines)
    assert {"loaded", "printed", "from a program"} <= set(done.stderr.decode().splitlines())


@pytest.mark.parametrize("options", [("--graph",), ("--check",), ("--ui", "plain")])
def test_a_terminal_that_lacks_a_character_shows_its_number(tmp_path, options):
    done = run(tmp_path, *options, encoding="ascii")
    assert done.returncode == 0, done.stderr.decode()
    assert b"caf\\xe9" in done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are Unicode elsewhere")
def test_names_of_files_that_are_no_utf8_are_names_as_any_other(tmp_path):
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    (folder / "talkative.py").write_text(TALKATIVE.replace("caf\u00e9", "x"))
    (folder / os.fsdecode(b"caf\xe9.toml")).write_text(SCENARIO)
    command = [*COMMAND, os.fsdecode(b"caf\xe9.toml"), "--clock", "virtual", "--no-cache"]
    for options in (["--ui", "plain"], ["--ui", "json"], ["--repeat", "1", "--ui", "plain"]):
        done = subprocess.run(
            [*command, *options], cwd=folder, capture_output=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
    assert (folder / "runs" / "caf\ufffd" / "latest").exists()


DEVICES = """
from soundstage.cli import devices_command
from soundstage.devices import DeviceInfo

class Card:
    def devices(self):
        return (
            DeviceInfo(0, "Caf\\u00e9 [USB]", "ALSA", 1, 2, 48000, True, False),
            DeviceInfo(1, "Half \\udce9 a name", "ALSA", 1, 2, 48000, False, True),
        )

devices_command.PortAudioCard = Card
from soundstage.cli import soundstage
import sys
sys.argv = ["soundstage", "devices"]
soundstage()
"""
TERMINALS = [
    {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"},
    {"PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "0"},
]
"""Terminals as the environment describes them."""


def on_terminal(
    terminal: dict[str, str], folder: Path, *command: str
) -> subprocess.CompletedProcess[bytes]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "PYTHON"))}
    return subprocess.run(
        command, cwd=folder, env={**kept, **terminal}, capture_output=True, timeout=60, check=False
    )


@pytest.mark.parametrize("terminal", TERMINALS)
def test_devices_are_listed_whatever_letters_their_names_have(tmp_path, terminal):
    done = on_terminal(terminal, tmp_path, sys.executable, "-c", DEVICES)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    assert b"Traceback" not in done.stderr
    assert b"[USB]" in done.stdout
    assert b"Half \\udce9 a name" in done.stdout


UNDECODABLE = """
def misnamed() -> str:
    "Fails with half a surrogate pair, as the name of a file can hold one."
    raise LookupError("no file called \\udce9.wav")

def halved() -> dict:
    "Returns one."
    return {"file": "caf\\udce9", "\\ud800": ["\\udfff"]}
"""
WITH_TOOLS = """
[agents.bot]
voice = "ash"
tools = ["misnamed", "halved"]
[agents.bot.local]
rules = [
  { heard = "look", call = [{ tool = "misnamed" }, { tool = "halved" }] },
  { tool = "misnamed", failed = true, say = "It failed: {error}." },
  { tool = "halved", say = "I found {file}." },
]
[agents.caller]
kind = "scripted"
voice = "coral"
lines = ["Please look."]
[tools.misnamed]
python = "./bad.py:misnamed"
[tools.halved]
python = "./bad.py:halved"
[[links]]
between = ["bot", "caller"]
[end]
silence = "2s"
max = "20s"
"""


@pytest.mark.parametrize("terminal", TERMINALS[:2])
@pytest.mark.parametrize("view", ["plain", "json", "live"])
def test_a_tool_s_text_that_cannot_be_decoded_ends_no_run(tmp_path, terminal, view):
    (tmp_path / "bad.py").write_text(UNDECODABLE)
    (tmp_path / "scene.toml").write_text(WITH_TOOLS)
    options = ("scene.toml", "--clock", "virtual", "--ui", view, "--out", "out")
    done = on_terminal(terminal, tmp_path, *COMMAND, *options)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    assert b"Traceback" not in done.stderr
    result = json.loads((tmp_path / "out" / "result.json").read_text("utf-8"))
    run = Run.load(tmp_path / "out")
    assert (result["outcome"], run.outcome) == ("ended", "ended")
    misnamed, halved = run.tool_calls()
    assert misnamed.error.endswith("no file called \\udce9.wav")
    assert halved.result["file"] == "caf\ufffd"
    assert "It failed" in run.said_by("bot")


def test_a_run_in_python_is_told_as_its_folder_tells_it(tmp_path):
    (tmp_path / "bad.py").write_text(UNDECODABLE)
    (tmp_path / "scene.toml").write_text(WITH_TOOLS)
    run = run_scenario(tmp_path / "scene.toml", out=tmp_path / "out")
    result = json.loads((tmp_path / "out" / "result.json").read_text("utf-8"))
    assert (run.outcome, run.reason) == (result["outcome"], result["reason"])
    assert run.outcome == "ended"
    assert "no file called" in run.tool_calls("misnamed")[0].error
