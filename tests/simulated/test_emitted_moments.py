"""What an agent of the user's own emits is a moment as any other."""

from __future__ import annotations

import pytest

from soundstage import run_scenario
from soundstage.errors import ScenarioError

CODE = """
from soundstage import Agent, Begin, handles

class Counter(Agent):
    @handles(Begin)
    def begin(self, _):
        self.emit("counted", words=3)
"""

SCENARIO = """
[agents.ann]
kind = "{kind}"
[agents.ben]
[[links]]
between = ["ann", "ben"]
[end]
when = [{{ agent = "ann", event = "{event}" }}]
max = "9s"
"""


def test_a_run_ends_when_its_agent_emits_the_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "counter.py").write_text(CODE)
    run = run_scenario(toml=SCENARIO.format(kind="./counter.py:Counter", event="counted"))
    assert (run.outcome, run.reason) == ("ended", "when[0]")


def test_a_name_that_no_agent_of_the_file_can_emit_is_refused():
    with pytest.raises(ScenarioError, match="no agent of your own that could emit it"):
        run_scenario(toml=SCENARIO.format(kind="realtime", event="counted"))


def test_a_slip_in_the_name_of_an_event_is_told():
    with pytest.raises(ScenarioError, match='did you mean "speech_started"'):
        run_scenario(toml=SCENARIO.format(kind="realtime", event="speech_startd"))
