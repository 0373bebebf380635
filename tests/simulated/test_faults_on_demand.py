"""Our own agents against an endpoint that does wrong on purpose: each is survived, or reported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from soundstage import Run, run_scenario

SCENE = """
[scenario]
under_test = ["ben"]
[agents.ann]
voice = "shimmer"
opening_prompt = "Greet."
[agents.ann.local]
lines = ["Hello there.", "And now?", "Still here?"]
[agents.ben]
voice = "ash"
tools = ["look"]
[agents.ben.local]
lines = ["Nice to hear you.", "Fine."]
%s
[tools.look]
description = "Looks."
parameters = { type = "object", properties = { at = { type = "string" } } }
mock = [{ returns = { seen = "a kettle" } }]
[[links]]
between = ["ann", "ben"]
[end]
turns = 3
silence = "4s"
max = "20s"
"""
CALLS = """
rules = [
  { heard = "hello", call = [{ tool = "look", args = { at = "the shelf" } }] },
  { tool = "look", say = "I see it." },
  { tool = "look", failed = true, say = "That went wrong." },
]
"""


def played(folder: Path, fault: str, more: str = "") -> Run:
    scene = SCENE % f"{more}faults = [{{ {fault} }}]"
    return run_scenario(toml=scene, out=folder / "run", check=False)


def events(run: Run, kind: str) -> list[dict[str, Any]]:
    lines = (run.folder / "events.jsonl").read_text().splitlines()
    return [event for event in map(json.loads, lines) if event["type"] == kind]


@pytest.mark.parametrize(
    "fault",
    [
        'kind = "incomplete", nth = 1',
        'kind = "filtered", nth = 1',
        'kind = "slow_response", nth = 1, delay = "1s"',
        'kind = "slow_answer", delay = "1s"',
        'kind = "malformed", event = "response.output_audio_transcript.delta", nth = 1',
        'kind = "malformed", event = "response.done", nth = 1',
        'kind = "duplicate_transcription"',
        'kind = "late_transcription", nth = 1',
    ],
)
def test_the_conversation_goes_on(fault, tmp_path):
    run = played(tmp_path, fault)
    assert (run.outcome, run.exit_code) == ("ended", 0)
    assert run.heard_by("ben")


def test_a_reply_that_its_service_did_not_make_is_not_the_agents_silence(tmp_path):
    run = played(tmp_path, 'kind = "failed", nth = 1')
    assert (run.outcome, run.exit_code, run.reason) == ("invalid", 3, "expect:unanswered")
    assert run.cause is not None
    assert run.cause.owner == "infrastructure"
    assert run.heard_by("ben")


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ('kind = "refuse", status = 401', "refused the call with HTTP 401"),
        ('kind = "refuse", status = 429', "refused the call with HTTP 429"),
        ('kind = "refuse", status = 500', "refused the call with HTTP 500"),
        ('kind = "expire", after = "1s"', "its longest duration"),
        ('kind = "drop", nth = 1', "closed the call without hanging up"),
    ],
)
def test_a_call_that_is_lost_is_told_with_its_reason(fault, told, tmp_path):
    run = played(tmp_path, fault)
    assert run.exit_code != 0
    assert told in (run.folder / "events.jsonl").read_text()


def test_a_tool_that_was_called_with_half_its_arguments_gets_an_error_as_its_result(tmp_path):
    run = played(tmp_path, 'kind = "cut_arguments", nth = 1', CALLS)
    assert run.outcome == "ended"
    assert run.said_by("ben").startswith("That went wrong.")


def test_a_tool_is_called_and_answered_though_the_end_of_its_response_was_lost(tmp_path):
    run = played(tmp_path, 'kind = "malformed", event = "response.done", nth = 1', CALLS)
    assert (run.outcome, run.exit_code) == ("ended", 0)
    assert [(call.name, call.error) for call in run.tool_calls()] == [("look", "")]
    assert "I see it." in run.said_by("ben")
    assert "lost_end" in {event["code"] for event in events(run, "warned")}
