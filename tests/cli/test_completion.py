"""What the Tab key offers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from soundstage.cli.completion import complete_scenario, complete_voice
from soundstage.scenario import list_scenarios


def press_tab(line: str, folder: Path) -> list[str]:
    """What bash is offered for the last word of a line."""
    words = line.split(" ")
    name = words[0].replace("-", "_")
    program = f"import sys; sys.argv[0] = {words[0]!r}; import soundstage.cli as c; c.{name}()"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ
        | {
            f"_{name.upper()}_COMPLETE": "complete_bash",
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(words) - 1),
        },
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        cwd=folder,
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("run-scenario alice", ["alice_bob", "alice_bob_live"]),
        ("run-scenario alice_bob --clock v", ["virtual"]),
        ("run-scenario alice_bob --provider o", ["openai"]),
        ("run-scenario --vers", ["--version"]),
        ("soundstage sc", ["schema"]),
        ("soundstage schema e", ["events", "expectations"]),
        ("soundstage say x --voice sh", ["shimmer"]),
        ("soundstage say x --engine h", ["hibari"]),
    ],
)
def test_the_tab_key_completes_a_line(line: str, offered: list[str], tmp_path: Path) -> None:
    assert press_tab(line, tmp_path) == offered


def test_shipped_scenarios_come_before_the_files_of_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "calls").mkdir()
    (tmp_path / "calls" / "refund.toml").touch()
    (tmp_path / "mine.toml").touch()
    monkeypatch.chdir(tmp_path)
    shipped = [found.name for found in list_scenarios()]
    assert complete_scenario("") == [*shipped, "mine.toml"]
    assert complete_scenario("calls/") == ["calls/refund.toml"]
    assert complete_scenario("calls/x") == []


def test_every_voice_is_offered() -> None:
    assert len(complete_voice("")) == 10
