"""What stands on the standard output, whatever is printed and whatever the terminal can show."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

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
