"""Whatever one member of a room does, the others hear each other, and it is counted and told."""

from __future__ import annotations

import wave
from typing import TYPE_CHECKING

import numpy as np
import pytest

from soundstage.audio import to_pcm
from soundstage.messages.events import Fault, Left, Warned
from soundstage.units import SAMPLE_RATE

if TYPE_CHECKING:
    from pathlib import Path

    from soundstage.pytest_plugin import RunScenario
    from soundstage.results import Run

SECONDS = 4

MEMBERS = """
import numpy as np
from soundstage import Agent, Frame, handles
from soundstage.messages import Tick
from soundstage.units import FRAME_BYTES, FRAME_SAMPLES

SECOND = 24_000
SOUND = b"\\x10\\x10" * FRAME_SAMPLES


class Member(Agent):
    '''Behaves for a second, then no more.'''

    @handles(Tick)
    def speak_frame(self, tick: Tick) -> None:
        if tick.pts < SECOND:
            super().speak_frame(tick)
        else:
            self.misbehave(tick.pts)

    def hand_in(self, pts: int, pcm: object) -> None:
        self.context.ports.mixer.tell(Frame(self.context.name, pts, pcm))


class Stops(Member):
    def misbehave(self, pts: int) -> None:
        '''Sends nothing.'''


class Twice(Member):
    '''Twice as fast as sound is played.'''
    ahead = SECOND

    def misbehave(self, pts: int) -> None:
        for _ in range(2):
            self.hand_in(self.ahead, SOUND)
            self.ahead += FRAME_SAMPLES


class Short(Member):
    def misbehave(self, pts: int) -> None:
        self.hand_in(pts, SOUND[:-2])


class Nan(Member):
    def misbehave(self, pts: int) -> None:
        self.hand_in(pts, np.full(FRAME_BYTES, np.nan))


class Dies(Member):
    def misbehave(self, pts: int) -> None:
        raise RuntimeError("a heart attack")
"""


def play(run_scenario: RunScenario, folder: Path, kind: str) -> Run:
    time = np.arange(SECONDS * SAMPLE_RATE) / SAMPLE_RATE
    tone = (0.1 * np.sin(2 * np.pi * 440 * time)).astype(np.float32)
    (folder / "members.py").write_text(MEMBERS)
    write_wav(folder / "tone.wav", to_pcm(tone))
    file = folder / "strange.toml"
    file.write_text(f"""
[agents.singer]
kind = "file"
plays = "tone.wav"
[agents.ear]
kind = "file"
keeps = "heard.wav"
[agents.strange]
kind = "./members.py:{kind}"
[rooms.lobby]
members = ["singer", "ear", "strange"]
[end]
max = "{SECONDS - 1}s"
[record]
tracks = ["said", "heard"]
""")
    return run_scenario(file, check=False)


def write_wav(path: Path, pcm: bytes) -> None:

    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        file.writeframes(pcm)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("Stops", "frames_missing"),
        ("Twice", "frames_astray"),
        ("Short", "frames_wrong"),
        ("Nan", "frames_wrong"),
    ],
)
def test_who_sends_what_is_no_sound_is_counted_and_the_others_go_on(
    run_scenario: RunScenario, tmp_path: Path, kind: str, code: str
) -> None:
    run = play(run_scenario, tmp_path, kind)
    assert run.outcome == "ended"
    assert code in {event.code for event in run.events(Warned, agent="strange")}
    frames = run.metrics["strange"].frames
    assert (frames.concealed if kind == "Stops" else frames.dropped) > 40
    assert_the_singer_is_heard(run, alone=kind != "Twice")


def test_who_dies_leaves_and_the_others_go_on(run_scenario: RunScenario, tmp_path: Path) -> None:
    run = play(run_scenario, tmp_path, "Dies")
    assert (run.outcome, run.reason) == ("failed", "fault:strange")
    [fault] = run.events(Fault)
    assert "a heart attack" in fault.error
    [left, *_] = run.events(Left, agent="strange")
    assert left.pts < 1.1 * SAMPLE_RATE
    assert_the_singer_is_heard(run, alone=True)


def assert_the_singer_is_heard(run: Run, *, alone: bool) -> None:
    """To the end, and without a hole."""
    said, heard = run.audio("singer"), run.audio("ear", "heard")
    end = len(heard) - SAMPLE_RATE // 5
    begin = SAMPLE_RATE // 2
    assert end > (SECONDS - 1.5) * SAMPLE_RATE
    if alone:
        assert np.array_equal(said[begin:end], heard[begin:end])
    else:
        parts = heard[begin : end - end % 480].astype(float)
        level = np.abs(np.exp(-2j * np.pi * 440 * np.arange(len(parts)) / SAMPLE_RATE) @ parts)
        assert level > 0.045 * 32_768 * len(parts)
