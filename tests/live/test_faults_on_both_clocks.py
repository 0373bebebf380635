"""Every fault that an endpoint can be told to have comes out alike in simulated time and live."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pytest

from soundstage import Run, run_scenario
from soundstage.endpoint.local_settings import FaultKind
from soundstage.messages.events import Joined
from soundstage.units import seconds_of

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.realtime

WITHIN = 25.0
"""Seconds from when an agent is there until a live run has come to its outcome: two or three, and
more on a machine with other work; the longest time of the scenario is not waited for."""

SCENE = """
[scenario]
under_test = ["bot"]
[agents.bot]
voice = "ash"
tools = ["look"]
[agents.bot.local]
rules = [
  { heard = "again", say = "Two." },
  { heard = "hello", call = [{ tool = "look", args = { at = "the shelf" } }] },
  { tool = "look", say = "Yes." },
  { tool = "look", failed = true, say = "No." },
]
faults = [{ %s }]
[agents.caller]
kind = "scripted"
voice = "coral"
lines = ["Hello.", "Again."]
wait = "300ms"
[tools.look]
description = "Looks."
parameters = { type = "object", properties = { at = { type = "string" } } }
mock = [{ returns = { seen = "a kettle" } }]
[[links]]
between = ["bot", "caller"]
[end]
turns = 3
silence = "1.5s"
max = "60s"
"""

ENDED = ("ended", 0, None, "")
"""The conversation goes on, and comes to one of its ends."""

PLAN = {
    'kind = "refuse", status = 401': ("invalid", 3, "infrastructure", "provider:401"),
    'kind = "refuse", status = 429': ("invalid", 3, "infrastructure", "provider:429"),
    'kind = "refuse", status = 503': ("invalid", 3, "infrastructure", "provider:503"),
    'kind = "slow_answer", delay = "500ms"': ENDED,
    'kind = "slow_response", nth = 1, delay = "500ms"': ENDED,
    'kind = "expire", after = "200ms"': ("invalid", 3, "infrastructure", "connection_lost"),
    'kind = "drop", what = "channel", after = "200ms"': (
        "invalid",
        3,
        "infrastructure",
        "connection_lost",
    ),
    'kind = "drop", what = "path"': ("invalid", 3, "infrastructure", "connection_lost"),
    'kind = "drop", what = "connection", nth = 1': (
        "invalid",
        3,
        "infrastructure",
        "connection_lost",
    ),
    'kind = "malformed", event = "response.created"': ENDED,
    'kind = "malformed", event = "response.output_audio_transcript.delta"': ENDED,
    'kind = "malformed", event = "response.done", nth = 2': ENDED,
    # The caller got no answer: where its service made none, that is not the agent's fault.
    'kind = "failed", nth = 1': ("invalid", 3, "infrastructure", "expect:unanswered"),
    'kind = "incomplete", nth = 2': ("failed", 1, "agent", "expect:unanswered"),
    'kind = "filtered", nth = 2': ("failed", 1, "agent", "expect:unanswered"),
    'kind = "cut_arguments", nth = 1': ENDED,
    'kind = "wrong_number"': ENDED,
    'kind = "talkative"': ENDED,
    'kind = "repeated_call"': ENDED,
    'kind = "deaf"': ("failed", 1, "agent", "expect:unanswered"),
    'kind = "duplicate_transcription"': ENDED,
    'kind = "late_transcription", nth = 1': ENDED,
}


def outcome_of(run: Run) -> tuple[str, int, str | None, str]:
    """What must not depend on the clock: how it came out, and whose fault it is."""
    if run.cause is None:
        return run.outcome, run.exit_code, None, ""
    return run.outcome, run.exit_code, run.cause.owner.value, run.cause.reason


def begin_of(run: Run) -> float:
    """When the last agent was there, in seconds: before that, the speech engines are loaded."""
    return max((seconds_of(each.pts) for each in run.events(Joined)), default=0.0)


@pytest.mark.parametrize("fault", PLAN)
def test_a_fault_comes_out_alike_on_both_clocks(fault: str, tmp_path: Path) -> None:
    # A lost path is noticed after 2 s without an answer: the run must not have ended before.
    scene = SCENE.replace("1.5s", "7s") if "path" in fault else SCENE
    simulated, live = (
        run_scenario(toml=scene % fault, clock=clock, out=tmp_path / clock, check=False)
        for clock in ("virtual", "wall")
    )
    assert outcome_of(simulated) == PLAN[fault]
    assert outcome_of(live) == PLAN[fault]
    assert [each.error for each in live.faults] == [each.error for each in simulated.faults]
    assert live.duration - begin_of(live) <= WITHIN


def test_every_fault_of_the_plan_is_played() -> None:
    kinds = {fault.split('"')[1] for fault in PLAN}
    assert kinds == set(get_args(FaultKind))
