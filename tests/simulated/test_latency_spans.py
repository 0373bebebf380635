"""Over every shipped scenario that runs alone, the pieces of each response gap add up to it."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import pytest

from soundstage.messages import events

if TYPE_CHECKING:
    from pathlib import Path

    from soundstage.pytest_plugin import RunScenario

WITHOUT_A_PERSON = [
    *("alice_bob", "barge_in", "get_paid", "local_functions", "monologue", "phone_line"),
    "roundtable",
]


@pytest.mark.parametrize("name", WITHOUT_A_PERSON)
def test_the_pieces_add_up_to_each_gap(run_scenario: RunScenario, name: str) -> None:
    run = run_scenario(name)
    answers = json.loads((run.folder / "metrics.json").read_bytes())["answers"]
    gaps = [turn.gap for turn in run.turns if turn.gap is not None and turn.gap >= 0]
    assert [answer["gap"] for answer in answers] == pytest.approx(gaps)
    assert run.totals.response_gap.count == len(answers)
    for answer in answers:
        assert math.fsum(answer["spans"].values()) == pytest.approx(answer["gap"], abs=1e-3)


def test_a_tool_is_a_piece_as_long_as_it_takes(run_scenario: RunScenario) -> None:
    bot = run_scenario("local_functions").metrics["bot"]
    assert bot.spans["returned"].count == bot.response_gap.count
    assert bot.spans["returned"].p95 == pytest.approx(0.3, abs=0.001)


def test_an_agent_that_only_says_its_lines_recognises_nothing(run_scenario: RunScenario) -> None:
    run = run_scenario("phone_line")
    assert "recognised" not in run.metrics["caller"].spans
    assert run.metrics["caller"].spans["decided+recognised+begun"].count == 3
    assert run.metrics["desk"].spans["recognised"].count == 3


OWN_AGENT = """
from soundstage import Agent, handles
from soundstage.messages import Heard

class Own(Agent):
    @handles(Heard)
    def answer(self, heard):
        self.say("Nothing at all.")
"""

ASKED = """
[agents.asker]
kind = "scripted"
lines = ["What can I do for you today?"]
[agents.own]
kind = "./own.py:Own"
[[links]]
between = ["asker", "own"]
[end]
turns = 2
max = "20s"
"""


def test_an_agent_of_one_s_own_that_hears_words_says_when_the_turn_was_over(
    run_scenario: RunScenario, tmp_path: Path
) -> None:
    (tmp_path / "own.py").write_text(OWN_AGENT)
    (tmp_path / "asked.toml").write_text(ASKED)
    run = run_scenario(tmp_path / "asked.toml")
    [answer] = [turn for turn in run.turns if turn.agent == "own"]
    assert list(answer.spans) == ["decided", "recognised", "begun", "sent", "heard"]
    assert answer.spans["decided"] > 0.4
    begin, end = run.events(events.Listening, "own")
    assert (begin.on, end.on) == (True, False)
    [heard] = run.events(events.HeardText, "own")
    assert begin.item == end.item == heard.item
