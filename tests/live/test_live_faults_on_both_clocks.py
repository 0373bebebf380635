"""Every fault that a Live session can have comes out alike in simulated time and live."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pytest

from soundstage import Run, run_scenario
from soundstage.endpoint.local_settings import FaultKind

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.realtime

SCENE = """
[scenario]
under_test = ["bot"]
[agents.bot]
protocol = "live"
voice = "ash"
tools = ["look"]
[agents.bot.local]
duplex = { backchannel = "never" }
rules = [
  { heard = "again", say = "Here is the second one." },
  { heard = "hello", call = [{ tool = "look", args = { at = "the shelf" } }] },
  { tool = "look", say = "There is a kettle." },
  { tool = "look", failed = true, say = "I could not see it." },
]
faults = [{ %s }]
[agents.caller]
kind = "scripted"
voice = "coral"
lines = ["Hello there, my friend.", "Please say it again."]
wait = "300ms"
[tools.look]
description = "Looks."
parameters = { type = "object", properties = { at = { type = "string" } } }
mock = [{ returns = { seen = "a kettle" } }]
[[links]]
between = ["bot", "caller"]
[end]
turns = 4
silence = "4s"
max = "60s"
"""
ENDED = ("ended", 0, None, "")
LOST = ("invalid", 3, "infrastructure", "connection_lost")
UNANSWERED = ("failed", 1, "agent", "expect:unanswered")

PLAN = {
    'kind = "refuse", status = 401': ("invalid", 3, "infrastructure", "provider:401"),
    'kind = "refuse", status = 429': ("invalid", 3, "infrastructure", "provider:429"),
    'kind = "refuse", status = 503': ("invalid", 3, "infrastructure", "provider:503"),
    'kind = "slow_answer", delay = "500ms"': ENDED,
    'kind = "slow_response", nth = 1, delay = "500ms"': ENDED,
    'kind = "expire", after = "200ms"': LOST,
    'kind = "drop", what = "channel", after = "200ms"': LOST,
    'kind = "drop", what = "path"': LOST,
    'kind = "drop", what = "connection", nth = 1': LOST,
    'kind = "malformed", event = "session.output_transcript.delta"': ENDED,
    'kind = "malformed", event = "session.input_transcript.delta", nth = 2': ENDED,
    'kind = "malformed", event = "session.delegation.created"': ENDED,
    'kind = "malformed", event = "response.event"': ENDED,
    # The caller got no answer: where its service made none, that is not the agent's fault.
    'kind = "failed", nth = 1': ("invalid", 3, "infrastructure", "expect:unanswered"),
    'kind = "incomplete", nth = 2': ENDED,
    'kind = "filtered", nth = 2': ENDED,
    'kind = "cut_arguments", nth = 1': ENDED,
    'kind = "wrong_number"': ENDED,
    'kind = "talkative"': ENDED,
    'kind = "repeated_call"': ENDED,
    'kind = "deaf"': UNANSWERED,
}
OF_TURNS = {"duplicate_transcription", "late_transcription"}
"""A Live session has no turns to be transcribed: refused when the file is read."""


def outcome_of(run: Run) -> tuple[str, int, str | None, str]:
    """What must not depend on the clock: how it came out, and whose fault it is."""
    if run.cause is None:
        return run.outcome, run.exit_code, None, ""
    return run.outcome, run.exit_code, run.cause.owner.value, run.cause.reason


@pytest.mark.prove
@pytest.mark.timeout(300)
@pytest.mark.parametrize("fault", PLAN)
def test_a_fault_comes_out_alike_on_both_clocks(fault: str, tmp_path: Path) -> None:
    # A lost path is noticed after 2 s without an answer: the run must not have ended before.
    scene = SCENE.replace('"4s"', '"9s"') if "path" in fault else SCENE
    simulated, live = (
        run_scenario(toml=scene % fault, clock=clock, out=tmp_path / clock, check=False)
        for clock in ("virtual", "wall")
    )
    assert outcome_of(simulated) == PLAN[fault]
    assert outcome_of(live) == PLAN[fault]
    assert [each.error for each in live.faults] == [each.error for each in simulated.faults]


def test_a_reply_that_its_service_fails_to_make_is_not_held_against_the_agent(
    tmp_path: Path,
) -> None:
    fault = 'kind = "failed", nth = 1'
    run = run_scenario(toml=SCENE % fault, clock="virtual", out=tmp_path, check=False)
    assert outcome_of(run) == PLAN[fault]
    assert run.cause is not None
    assert "its service failed to make the reply" in run.cause.message


def test_every_fault_of_a_live_session_is_played() -> None:
    kinds = {fault.split('"')[1] for fault in PLAN}
    assert kinds == {*get_args(FaultKind)} - OF_TURNS
