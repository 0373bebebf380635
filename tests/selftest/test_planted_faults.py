from __future__ import annotations

from pathlib import Path

from soundstage.scenario import load_scenario
from soundstage.selftest import FAULTS, planted

SCENE = """
[scenario]
under_test = ["bot"]
[defaults.realtime.local]
faults = [{ kind = "slow_response", nth = 1, delay = "1s" }]
[agents.bot]
voice = "ash"
%s
[agents.bot.local]
lines = ["One."]
[agents.other]
kind = "scripted"
voice = "coral"
lines = ["Hello."]
[tools.look]
description = "Looks."
parameters = { type = "object", properties = {} }
mock = [{ returns = { at = "here" } }]
[[links]]
between = ["bot", "other"]
[end]
turns = 2
"""


def plants_of(more: str = "", toml: str = "") -> dict[str, object]:
    scenario = load_scenario(Path("inline"), toml=toml or SCENE % more, clock="virtual")
    return {each.fault: each.sets or each.why_not for each in planted(scenario)}


def test_faults_are_planted_behind_those_that_the_file_has():
    sets = plants_of('tools = ["look"]')
    assert list(sets) == list(FAULTS)
    assert sets["wrong_number"] == {
        "agents.bot.local.faults": [
            {"kind": "slow_response", "nth": 1, "delay": "1s"},
            {"kind": "wrong_number"},
        ]
    }
    assert sets["never_yields"] == {"agents.bot.turn_detection.interrupt_response": False}


def test_a_fault_that_cannot_be_planted_says_why():
    sets = plants_of('turn_detection = "none"')
    assert sets["never_yields"] == "it takes no turn by itself"
    assert sets["repeated_call"] == "it has no tools"


def test_an_agent_whose_answers_are_made_elsewhere_is_only_late():
    scene = SCENE.replace('under_test = ["bot"]', 'under_test = ["other"]') % ""
    sets = plants_of(toml=scene)
    assert sets.pop("late") == {
        "effects.selftest-late": {"kind": "delay", "delay": "4s"},
        "agents.other.line.sends": ["selftest-late"],
    }
    assert set(sets.values()) == {
        'the answers of an agent of the kind "scripted" are not made here'
    }
