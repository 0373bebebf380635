"""Every fault that a Live session can have comes out alike in simulated time and live."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pytest
from dummy_both_clocks import (
    BOT,
    ENDED,
    OF_ANY_SESSION,
    check_alike,
    kinds_in,
    outcome_of,
    played_on_both,
)

from soundstage import run_scenario
from soundstage.endpoint.local_settings import FaultKind

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.realtime

SCENE = f"""{BOT}
lines = ["Hello there, my friend.", "Please say it again."]
[agents.bot]
protocol = "live"
voice = "ash"
tools = ["look"]
[agents.bot.local]
duplex = {{ backchannel = "never" }}
rules = [
  {{ heard = "again", say = "Here is the second one." }},
  {{ heard = "hello", call = [{{ tool = "look", args = {{ at = "the shelf" }} }}] }},
  {{ tool = "look", say = "There is a kettle." }},
  {{ tool = "look", failed = true, say = "I could not see it." }},
]
faults = [{{ %s }}]
# A busy machine takes seconds to recognise a line; a caller waits no longer than 8 s for an answer.
[end]
turns = 4
silence = "7s"
max = "60s"
"""

PLAN = OF_ANY_SESSION | {
    'kind = "malformed", event = "session.output_transcript.delta"': ENDED,
    'kind = "malformed", event = "session.input_transcript.delta", nth = 2': ENDED,
    'kind = "malformed", event = "session.delegation.created"': ENDED,
    'kind = "malformed", event = "response.event"': ENDED,
    'kind = "incomplete", nth = 2': ENDED,
    'kind = "filtered", nth = 2': ENDED,
}
OF_TURNS = {"duplicate_transcription", "late_transcription"}
"""A Live session has no turns to be transcribed: refused when the file is read."""


@pytest.mark.prove
@pytest.mark.timeout(300)
@pytest.mark.parametrize("fault", PLAN)
def test_a_fault_comes_out_alike_on_both_clocks(fault: str, tmp_path: Path) -> None:
    # A lost path is noticed after 2 s without an answer: the run must not have ended before.
    scene = SCENE.replace('"7s"', '"9s"') if "path" in fault else SCENE
    check_alike(*played_on_both(scene % fault, tmp_path), PLAN[fault])


def test_a_reply_that_its_service_fails_to_make_is_not_held_against_the_agent(
    tmp_path: Path,
) -> None:
    fault = 'kind = "failed", nth = 1'
    run = run_scenario(toml=SCENE % fault, clock="virtual", out=tmp_path, check=False)
    assert outcome_of(run) == PLAN[fault]
    assert run.cause is not None
    assert "its service failed to make the reply" in run.cause.message


def test_every_fault_of_a_live_session_is_played() -> None:
    assert kinds_in(PLAN) == {*get_args(FaultKind)} - OF_TURNS
