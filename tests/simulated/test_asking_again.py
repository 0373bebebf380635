"""An agent asks again when no voice answers, by a cue or by its session, and then hangs up."""

from __future__ import annotations

from itertools import pairwise

import pytest

SCENARIO = """
[agents.shop]
opening_prompt = "Greet."
{turn_detection}
[agents.shop.local]
lines = ["Hello, this is the shop."]
otherwise = "Are you still there?"
[agents.caller]
kind = "scripted"
{lines}
[[links]]
between = ["shop", "caller"]
{cue}
[end]
when = [{{ silence = "{silence}", nth = {nth} }}]
max = "2m"
"""

CUE = """
[[cues]]
after = { silence = "5s" }
agent = "shop"
ask = "Ask whether the caller is still there."
times = 3
"""

IDLE = 'turn_detection = { type = "server_vad", idle_timeout = "5s" }'


def scenario(**given):
    defaults = {"cue": "", "turn_detection": "", "lines": "", "silence": "5.5s", "nth": 1}
    return SCENARIO.format(**{**defaults, **given})


def test_a_cue_asks_three_times_and_then_the_run_ends(run_scenario):
    run = run_scenario(toml=scenario(cue=CUE))
    assert [turn.text for turn in run.turns] == [
        "Hello, this is the shop.",
        *["Are you still there?"] * 3,
    ]
    assert run.reason == "when[0]"


def test_a_caller_who_answers_is_not_asked(run_scenario):
    run = run_scenario(toml=scenario(cue=CUE, lines='lines = ["I wait for my order."]'))
    caller = next(turn for turn in run.turns if turn.agent == "caller")
    first, *_ = [turn for turn in run.turns if turn.agent == "shop"]
    # The silence between the greeting and the caller's line was too short to ask.
    assert caller.start - first.end < 5
    starts = [turn.start for turn in run.turns if turn.agent == "shop"]
    assert all(start < first.end or start > caller.end for start in starts)


def test_a_session_asks_again_by_itself_as_often_as_it_is_silent(run_scenario):
    run = run_scenario(
        toml=scenario(turn_detection=IDLE).replace("5.5s", "4s").replace("= 1", "= 4")
    )
    assert [turn.text for turn in run.turns][1:] == ["Are you still there?"] * 3
    gaps = [after.start - before.end for before, after in pairwise(run.turns)]
    assert gaps == pytest.approx([5.0] * 3, abs=0.2)
