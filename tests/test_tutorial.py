"""The tutorial is followed step by step, from the empty file to the test that passes.

Only the live runs of its last step, marked `sh`, are left out.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[1] / "docs" / "tutorial.md").read_text()
STEPS = re.findall(r"^```(toml|python|console)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
TIMES = re.compile(r"^ *\d+:\d\d\.\d +")


def follow(folder: Path, command: str) -> tuple[Path, list[str]]:
    """Say a command to a shell; returns the folder that it ends in, and what was printed."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["/bin/sh", "-c", f"{command}\nprintf '\\n%s' \"$PWD\""],
        cwd=folder,
        env={**os.environ, "PATH": path, "PYTEST_ADDOPTS": "-p no:cacheprovider"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=150,
        check=False,
    )
    *printed, end = done.stdout.splitlines()
    return Path(end), printed


def said(line: str) -> str:
    """A line without its time, which differs by a tenth between processors."""
    return TIMES.sub("", line).strip()


@pytest.mark.realtime
@pytest.mark.timeout(300)
def test_each_step_does_what_the_page_shows(tmp_path: Path) -> None:
    folder = tmp_path
    for language, text in STEPS:
        if language != "console":
            name = text.partition("\n")[0].removeprefix("# ")
            (folder / name).write_text(text)
            continue
        printed = []
        for command in re.findall(r"^\$ (.*)$", text, re.MULTILINE):
            folder, lines = follow(folder, command)
            printed += map(said, lines)
        shown = [said(line) for line in text.splitlines() if not line.startswith("$ ")]
        rest = iter(printed)
        missing = [line for line in shown if not any(line in each for each in rest)]
        assert missing == [], "\n".join(printed)


def test_the_tutorial_has_every_kind_of_step() -> None:
    assert [language for language, _ in STEPS].count("console") >= 6
    assert {"picnic.toml", "forecast.py", "clerk.py", "test_picnic.py"} == {
        text.partition("\n")[0].removeprefix("# ")
        for language, text in STEPS
        if language != "console"
    }
