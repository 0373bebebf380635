"""A room of eight peers over WebRTC: each hears all the others, in time."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING

import pytest
from dummy_command import begin

from soundstage.messages import events
from soundstage.results import Run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.realtime

NAMES = ("ann", "ben", "cleo", "dan", "eve", "fay", "gus", "hal")
LINES = (
    "The rain has stopped at last, and the garden is green again.",
    "I have been reading a long book about the history of the sea.",
    "Tomorrow we could take the early train and walk along the coast.",
)
LOST_AT_MOST = 0.001


def room(end: str) -> str:
    """Eight who speak in turn."""
    agents = "".join(f"[agents.{name}.local]\nlines = {list(LINES)}\n" for name in NAMES)
    return f"""
{agents}
[agents.ann]
opening_prompt = "Begin."
[rooms.lobby]
members = {list(NAMES)}
floor = {{ policy = "round_robin" }}
[end]
{end}
"""


def meet(folder: Path, end: str) -> tuple[Run, float]:
    """Have them talk; the run, and its CPU time in seconds."""
    scenario = folder / "room.toml"
    scenario.write_text(room(end))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    running = begin(scenario, "--ui", "none", "--out", folder / "run")
    _, err = running.communicate(timeout=200)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert running.returncode == 0, err
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run.load(folder / "run"), spent


@pytest.mark.timeout(120)
def test_each_of_eight_hears_whoever_speaks(tmp_path: Path) -> None:
    run, _ = meet(tmp_path, "turns = 3")
    assert [turn.agent for turn in run.turns] == ["ann", "ben", "cleo"]
    heard = {event.agent for event in run.events(events.HeardText) if event.speaker == "ann"}
    assert heard == set(NAMES) - {"ann"}
    assert all(run.metrics[name].frames.heard > 0 for name in NAMES)


@pytest.mark.prove
@pytest.mark.timeout(300)
def test_eight_hold_real_time_for_two_minutes(tmp_path: Path) -> None:
    run, spent = meet(tmp_path, 'max = "2m"')
    frames = run.totals.frames
    # The mixer waits for no frame longer than 40 ms, so that more are counted than are 60 ms late;
    # for each that was, another was made up.
    lost = frames.dropped + frames.late
    share = lost / (frames.sent + frames.heard)
    print(
        f"eight peers, {len(run.turns)} turns: {frames.dropped} dropped, {frames.late} late, "
        f"{frames.concealed} made up of {frames.sent + frames.heard} frames ({share:.2%}); "
        f"{spent:.0f} s of CPU, starting included"
    )
    assert share <= LOST_AT_MOST
