"""What a scenario says of floors and cues, read."""

from __future__ import annotations

import random

import pytest

from soundstage.scenario import load_scenario
from soundstage.scenario.floor_plans import THINKING

PANEL = """
[agents.chair]
[agents.chair.local]
rules = [{ heard = "yes", call = [{ tool = "give_floor", args = { to = "ben" } }] }]
[agents.ada]
opening_prompt = "Speak."
[agents.ben]
[agents.ben.local]
think = "1s"
[rooms.panel]
members = ["chair", "ada", "ben"]
%s
[end]
turns = 4
"""

MODERATED = """
[rooms.panel.floor]
policy = "moderator"
moderator = "chair"
fallback = "ada"
max_turn = "15s"
"""

AUCTION = """
from soundstage import FloorPolicy

class Auction(FloorPolicy):
    def choose(self, turn):
        return self.setup.random.choice([name for name in turn.members if name != turn.speaker])
"""


def test_a_moderator_has_the_tool_to_pass_the_floor_and_its_rules_may_call_it(write):
    scenario = load_scenario(write(PANEL % MODERATED))
    plan = scenario.floors["panel"]
    assert plan.moderator == "chair"
    assert plan.members == ("chair", "ada", "ben")
    assert scenario.floor_of("ada") is plan
    floor = plan.make(scenario.openers, random.Random(0))
    for name in plan.members:
        floor.join(name, 0)
    [give] = floor.begin(0)
    assert give.to == "chair"


def test_in_a_free_room_everyone_thinks_for_a_time_of_its_own_unless_it_is_said(write):
    toml = PANEL.replace("rules = [", "#") % ""
    agents = load_scenario(write(toml)).agents
    assert agents["chair"].settings.local.think == THINKING
    assert agents["ada"].settings.local.think == THINKING
    assert str(agents["ben"].settings.local.think.shortest) == "1s"


def test_with_a_floor_nobody_has_to_think_longer(write):
    agents = load_scenario(write(PANEL % MODERATED)).agents
    assert agents["ada"].settings.local.think.longest == 0


def test_a_class_of_ones_own_decides(write):
    own = '[rooms.panel.floor]\npolicy = "./floor.py:Auction"\n'
    toml = PANEL.replace("rules = [", "#") % own
    scenario = load_scenario(write(toml, floor__py=AUCTION))
    floor = scenario.floors["panel"].make((), random.Random(1))
    for name in ("chair", "ada", "ben"):
        floor.join(name, 0)
    [give] = floor.begin(0)
    assert give.to in {"chair", "ada", "ben"}


@pytest.mark.parametrize(("key", "labels"), [("", True), ("speaker_labels = false", False)])
def test_sessions_are_told_who_speaks_in_rooms_of_more_than_two(write, key, labels):
    toml = PANEL.replace("rules = [", "#") % key
    assert load_scenario(write(toml)).is_labelled("ada") is labels
