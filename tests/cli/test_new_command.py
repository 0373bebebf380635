"""The folder to start from."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from soundstage.cli.new_command import write_starter
from soundstage.errors import UsageError


@pytest.mark.realtime
def test_what_is_written_passes_its_own_test(tmp_path: Path) -> None:
    program = "from soundstage.cli import soundstage; soundstage()"
    made = subprocess.run(
        [sys.executable, "-c", program, "new", "weather_desk"],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
        cwd=tmp_path,
    )
    folder = tmp_path / "weather_desk"
    assert sorted(path.name for path in folder.iterdir()) == [
        "agent.py",
        "test_weather_desk.py",
        "weather_desk.toml",
    ]
    assert "run-scenario weather_desk/weather_desk.toml" in made.stdout
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", folder],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        cwd=tmp_path,
    )
    assert tested.returncode == 0, tested.stdout
    assert "2 passed" in tested.stdout


@pytest.mark.prove
@pytest.mark.realtime
@pytest.mark.timeout(180)
@pytest.mark.parametrize("transport", ["websocket", "twilio"])
def test_a_bot_that_is_written_passes_its_own_test(tmp_path: Path, transport: str) -> None:
    folder = tmp_path / "my_bot"
    write_starter(folder, transport)
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", folder],
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
        cwd=tmp_path,
    )
    assert tested.returncode == 0, tested.stdout


def test_a_bot_that_there_is_not_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r'no bot "twillio" .* did you mean "twilio"'):
        write_starter(tmp_path / "my_bot", "twillio")


@pytest.mark.parametrize("name", ["Weather", "9lives", "weather-desk", "class", "", "é"])
def test_a_name_must_be_one_for_python_too(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="small letters"):
        write_starter(Path(f"{tmp_path}/{name}/..") if not name else tmp_path / name)


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "precious.txt").write_text("mine")
    with pytest.raises(UsageError, match="not empty"):
        write_starter(folder)
    assert [path.name for path in folder.iterdir()] == ["precious.txt"]


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        write_starter(tmp_path / "file" / "mine")
