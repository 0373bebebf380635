"""`soundstage say`."""

from __future__ import annotations

import subprocess
import sys
import wave
from pathlib import Path

import pytest

from soundstage.cli.say_command import say
from soundstage.errors import EngineMissing, UsageError
from soundstage.recordings import read_recording
from soundstage.speech import Engines

COMMAND = [sys.executable, "-c", "from soundstage.cli import soundstage; soundstage()", "say"]


def run(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], input=text, capture_output=True, text=True, timeout=50, check=False
    )


def test_the_words_of_the_text_are_understood_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "order.wav"
    done = say("I want a kettle, please.", path, "ash", speed=1.0, engine="hibari")
    assert done.words == 5
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (24_000, 1, 2)
        assert file.getnframes() == round(done.seconds * 24_000)
    assert "kettle" in Engines().recognizer.recognize(read_recording(path).pcm).text.lower()


def test_a_faster_pace_makes_a_shorter_file(tmp_path: Path) -> None:
    slow, fast = (
        say("One two three four.", tmp_path / "x.wav", "marin", speed=speed, engine="hibari")
        for speed in (0.8, 1.6)
    )
    assert fast.seconds < slow.seconds * 0.7


@pytest.mark.parametrize(
    ("text", "voice", "speed", "engine", "told"),
    [
        ("…", "ash", 1.0, "hibari", "no word"),
        ("Hello.", "bob", 1.0, "hibari", 'no voice "bob": hibari has alloy'),
        ("Hello.", "ash", 9.0, "hibari", "not between 0.25 and 2.0"),
    ],
)
def test_what_cannot_be_said_is_refused(
    tmp_path: Path, text: str, voice: str, speed: float, engine: str, told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        say(text, tmp_path / "x.wav", voice, speed=speed, engine=engine)
    assert not (tmp_path / "x.wav").exists()


def test_an_engine_that_is_not_installed_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineMissing, match=r"no engine 'loud'.*known are hibari"):
        say("Hello.", tmp_path / "x.wav", "ash", speed=1.0, engine="loud")


def test_the_command_reads_stdin_and_tells_what_it_wrote(tmp_path: Path) -> None:
    path = tmp_path / "hello.wav"
    done = run("-", "-o", str(path), "--voice", "cedar", text="Hello there.\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{path}  ")
    assert done.stdout.endswith("2 words  cedar\n")


def test_the_command_says_in_one_line_where_it_cannot_write(tmp_path: Path) -> None:
    done = run("Hello.", "-o", str(tmp_path / "absent" / "x.wav"))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "cannot be written" in done.stderr
