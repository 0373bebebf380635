"""What `--check` says of expectations that no run fails, or that none can judge."""

from __future__ import annotations

import pytest

from soundstage.scenario import load_scenario

CALL = """
[agents.support]
opening_prompt = "Greet."
tools = ["refund"]
local.lines = ["Hello."]

[agents.caller]
kind = "scripted"
lines = ["Hello."]

[agents.tape]
kind = "file"
keeps = "./tape.wav"

[tools.refund]
parameters = { type = "object" }
mock = [{ returns = "done" }]

[[links]]
between = ["support", "caller"]

[[links]]
from = "support"
to = "tape"

[end]
turns = 4
max = "1m"

[[expect]]
id = "it"
"""


@pytest.mark.parametrize(
    ("table", "key", "words"),
    [
        ('heard = "a"\nby = "caller"', "heard", "cannot be judged: caller recognises no words"),
        ('heard = "a"\nagent = "support"', "heard", "no agent that recognises words hears support"),
        ('no_tool = "refund"\nagent = "caller"', "no_tool", "cannot fail: caller has no tool"),
        ('tool = "refund"\nagent = "caller"', "tool", "fails in every run: caller has no tool"),
        (
            'said = "a"\nafter = { tool = "refund", agent = "caller" }',
            "after",
            "is skipped in every",
        ),
        (
            'said = "a"\nbefore = { at = "2m" }',
            "before",
            "is skipped in every run: the run is over",
        ),
        ('said = "a"\nafter = { silence = "2m" }', "after", "no run is so long"),
        ('said = "a"\nwithin = "1m"', "within", "limits nothing"),
        ('metric = "turns"\nat_least = 0', "at_least", "cannot fail"),
        ('metric = "talk_share"\nat_most = "100%"', "at_most", "cannot fail"),
        ('metric = "turns"\nat_most = 1\nat_least = 2', "at_most", "fails in every run"),
        (
            'order = [{ said = "a" }, { tool = "refund", agent = "caller" }]',
            "order",
            "step 2 never comes",
        ),
    ],
)
def test_what_says_nothing_is_named_before_the_run(table, key, words):
    [warning] = load_scenario(toml=CALL + table).warnings
    assert f"expect[0].{key}: " in warning
    assert words in warning


@pytest.mark.parametrize(
    "table",
    [
        'said = "a"',
        'never_said = "a"\nagent = "caller"',
        'tool = "refund"',
        'heard = "a"\nby = "support"',
        'metric = "talk_share"\nat_most = "60%"',
        'said = "a"\nwithin = "59s"',
    ],
)
def test_what_a_run_can_fail_and_judge_is_no_reason_to_warn(table):
    assert load_scenario(toml=CALL + table).warnings == ()
