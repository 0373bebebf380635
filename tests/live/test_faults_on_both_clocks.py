"""Every fault that an endpoint can be told to have comes out alike in simulated time and live."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pytest
from dummy_both_clocks import (
    BOT,
    ENDED,
    OF_ANY_SESSION,
    UNANSWERED,
    check_alike,
    kinds_in,
    played_on_both,
)

from soundstage.endpoint.local_settings import FaultKind
from soundstage.messages.events import Joined
from soundstage.units import seconds_of

if TYPE_CHECKING:
    from pathlib import Path

    from soundstage import Run

pytestmark = pytest.mark.realtime

WITHIN = 25.0
"""Seconds from when an agent is there until a live run has come to its outcome: two or three, and
more on a machine with other work; the longest time of the scenario is not waited for."""

SCENE = f"""{BOT}
lines = ["Hello.", "Again."]
[agents.bot]
voice = "ash"
tools = ["look"]
[agents.bot.local]
rules = [
  {{ heard = "again", say = "Two." }},
  {{ heard = "hello", call = [{{ tool = "look", args = {{ at = "the shelf" }} }}] }},
  {{ tool = "look", say = "Yes." }},
  {{ tool = "look", failed = true, say = "No." }},
]
faults = [{{ %s }}]
[end]
turns = 3
silence = "1.5s"
max = "60s"
"""

PLAN = OF_ANY_SESSION | {
    'kind = "malformed", event = "response.created"': ENDED,
    'kind = "malformed", event = "response.output_audio_transcript.delta"': ENDED,
    'kind = "malformed", event = "response.done", nth = 2': ENDED,
    'kind = "incomplete", nth = 2': UNANSWERED,
    'kind = "filtered", nth = 2': UNANSWERED,
    'kind = "duplicate_transcription"': ENDED,
    'kind = "late_transcription", nth = 1': ENDED,
}


def begin_of(run: Run) -> float:
    """When the last agent was there, in seconds: before that, the speech engines are loaded."""
    return max((seconds_of(each.pts) for each in run.events(Joined)), default=0.0)


@pytest.mark.parametrize("fault", PLAN)
def test_a_fault_comes_out_alike_on_both_clocks(fault: str, tmp_path: Path) -> None:
    # A lost path is noticed after 2 s without an answer: the run must not have ended before.
    scene = SCENE.replace("1.5s", "7s") if "path" in fault else SCENE
    simulated, live = played_on_both(scene % fault, tmp_path)
    check_alike(simulated, live, PLAN[fault])
    assert live.duration - begin_of(live) <= WITHIN


def test_every_fault_of_the_plan_is_played() -> None:
    assert kinds_in(PLAN) == set(get_args(FaultKind))
