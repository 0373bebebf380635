"""Alice and Bob, live: WebRTC, synthesis and recognition, all of it real."""

from __future__ import annotations

import math
import statistics
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from soundstage.config.values import word_error_rate
from soundstage.messages import events
from soundstage.results import Run
from soundstage.speech import Engines
from soundstage.units import SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.realtime

ROOT = Path(__file__).parents[2]
ALICE_BOB = ROOT / "scenarios" / "alice_bob.toml"
COMMAND = [sys.executable, "-c", "from soundstage.cli import run_scenario; run_scenario()"]
SILENCE_AND_400_MS = 0.5 + 0.4


def start(*arguments: str | Path, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=None if env is None else dict(env),
    )


def play(*arguments: str | Path, within: float = 110) -> tuple[int, str, str]:
    running = start(*arguments)
    out, err = running.communicate(timeout=within)
    return running.returncode, out, err


def heard_rate(run: Run) -> float:
    """Word error rate of what was heard against what was said, over the whole call."""
    said = " ".join(turn.generated for turn in run.turns)
    heard = " ".join(
        event.text for event in sorted(run.events(events.HeardText), key=lambda event: event.start)
    )
    return word_error_rate(said, heard)


@pytest.mark.timeout(180)
def test_a_call_ends_by_itself_and_its_words_have_travelled(tmp_path: Path) -> None:
    short = ("--set", "end.turns=6")
    code, out, err = play(ALICE_BOB, "--ui", "plain", *short, "--out", tmp_path / "run")
    assert code == 0, err
    assert "ended: turns" in out
    assert "mix.wav" in out
    run = Run.load(tmp_path / "run")
    assert (run.outcome, run.reason) == ("ended", "turns")
    assert [turn.agent for turn in run.turns] == ["alice", "bob"] * 3
    assert heard_rate(run) <= 0.05
    assert run.totals.response_gap.median <= SILENCE_AND_400_MS
    assert recorded_rate(run) <= 0.05
    answers = [turn for turn in run.turns if turn.gap is not None and turn.gap >= 0]
    assert all(
        math.fsum(turn.spans.values()) == pytest.approx(turn.gap, abs=1e-3) for turn in answers
    )


def recorded_rate(run: Run) -> float:
    """Word error rate of the recorded tracks, recognised again turn by turn."""
    recognizer, margin = Engines().recognizer, SAMPLE_RATE // 5
    said = " ".join(turn.generated for turn in run.turns)
    again: list[str] = []
    for turn in run.turns:
        start, end = (int(at * SAMPLE_RATE) for at in (turn.start, turn.end))
        sound = run.audio(turn.agent)[max(0, start - margin) : end + margin]
        again.append(recognizer.recognize(sound.tobytes()).text)
    return word_error_rate(said, " ".join(again))


@pytest.mark.prove
@pytest.mark.timeout(900)
def test_the_words_of_ten_calls_travel(tmp_path: Path) -> None:
    gaps: list[float] = []
    faults: list[str] = []
    for number in range(10):
        code, _, err = play(ALICE_BOB, "--ui", "none", "--out", tmp_path / str(number))
        if code:
            faults.append(f"call {number}: exit {code}: {err}")
            continue
        run = Run.load(tmp_path / str(number))
        heard, recorded = heard_rate(run), recorded_rate(run)
        gap = run.totals.response_gap
        gaps.append(gap.median)
        figures = (
            f"call {number}: words heard wrong {heard:.1%}, recorded {recorded:.1%}; "
            f"gap median {gap.median:.3f} s, p95 {gap.p95:.3f} s"
        )
        print(figures)
        if max(heard, recorded) > 0.05 or gap.median > SILENCE_AND_400_MS:
            faults.append(figures)
    assert faults == []
    print(f"gap median over {len(gaps)} calls: {statistics.median(gaps):.3f} s")
