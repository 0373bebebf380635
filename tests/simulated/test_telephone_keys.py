"""Keys of telephones in whole runs: pressed by a cue, heard over the line, waited for, expected."""

from __future__ import annotations

import pytest

from soundstage import run_scenario
from soundstage.errors import ScenarioError
from soundstage.messages.events import Dtmf, Noted, Pressed, RunStarted

MENU = """
[agents.ivr]
kind = "scripted"
lines = ["For refunds, press five."]
line = { sends = ["phone"], hears = ["phone"] }
[agents.caller]
kind = "scripted"
[[links]]
between = ["ivr", "caller"]
[[cues]]
after = { agent = "ivr", event = "turn" }
agent = "caller"
keys = "5"
[[cues]]
after = { agent = "caller", keys = "5" }
agent = "ivr"
say = "Enter the number of your order."
[[cues]]
after = { agent = "ivr", event = "turn", nth = 2 }
agent = "caller"
keys = "4711#"
[[cues]]
after = { agent = "caller", keys = "{order}#" }
agent = "ivr"
say = "You have entered {order}."
[end]
turns = 3
max = "1m"
[[expect]]
id = "enters-it"
happens = { agent = "caller", keys = "{order}#", by = "ivr" }
where = { order = { equals = 4711 } }
within = "15s"
[[expect]]
id = "no-zero"
never = { agent = "caller", keys = "0" }
[[expect]]
id = "five-keys-more"
happens = { event = "dtmf", agent = "caller" }
times = 6
"""


def test_a_menu_is_gone_through_by_keys(tmp_path):
    run = run_scenario(toml=MENU, out=tmp_path / "run")
    assert run.outcome == "ended"
    assert [each.status for each in run.expectations[:3]] == ["passed"] * 3
    keys = run.events(Dtmf)
    assert "".join(each.key for each in keys) == "54711#"
    assert {(each.agent, each.by) for each in keys} == {("caller", "ivr")}
    assert [each.keys for each in run.events(Pressed)] == ["5", "4711#"]
    assert run.turns[-1].text == "You have entered 4711."
    transcript = (tmp_path / "run" / "transcript.md").read_text(encoding="utf-8")
    assert "*Caller pressed* " in transcript
    assert "*Ivr heard the keys of caller* " in transcript
    assert "4711\\#" not in transcript
    report = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert report.count('data-kind="keys"') == 4


def test_a_key_that_was_not_pressed_is_missed():
    with_other = MENU.replace('keys = "4711#"', 'keys = "12#"')
    run = run_scenario(toml=with_other, check=False)
    assert [each.status for each in run.expectations[:2]] == ["failed", "passed"]


def test_keys_are_looked_for_only_where_a_scenario_asks_for_them(tmp_path):
    silent = MENU.partition("[[cues]]")[0] + '[end]\nturns = 1\nmax = "1m"\n'
    run = run_scenario(toml=silent, out=tmp_path / "run")
    assert run.events(Dtmf) == ()
    assert [each.finds_keys for each in run.events(RunStarted)] == [False]


CODE = """
from soundstage import Agent, Begin, KeyHeard, handles

class Line(Agent):
    @handles(Begin)
    def begin(self, _):
        self.press("1*")

class Keypad(Agent):
    @handles(KeyHeard)
    def hear(self, key):
        self.emit("got", key=key.key, of=key.speaker)
"""

OWN = """
[agents.line]
kind = "./keypad.py:Line"
[agents.pad]
kind = "./keypad.py:Keypad"
[[links]]
between = ["line", "pad"]
[end]
when = [{ event = "got", agent = "pad", nth = 2 }]
max = "9s"
"""


def test_an_agent_of_ones_own_presses_and_hears_keys(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "keypad.py").write_text(CODE, encoding="utf-8")
    run = run_scenario(toml=OWN)
    assert run.outcome == "ended"
    assert [each.data for each in run.events(Noted)] == [
        {"key": "1", "of": "line"},
        {"key": "*", "of": "line"},
    ]


def test_keys_that_are_none_are_refused_in_a_cue():
    with pytest.raises(ScenarioError, match="is no row of keys"):
        run_scenario(toml=MENU.replace('keys = "4711#"', 'keys = "47 11"'))


def test_a_file_agent_presses_no_keys():
    wrong = MENU.replace(
        '[agents.caller]\nkind = "scripted"', '[agents.caller]\nkind = "file"\nkeeps = "x.wav"'
    )
    with pytest.raises(ScenarioError, match="cannot be made to press keys"):
        run_scenario(toml=wrong)


LINES = """
[agents.ivr]
kind = "scripted"
lines = ["Enter the number of your order."]
[agents.caller]
kind = "scripted"
lines = [{ keys = "4711#" }, { keys = "1" }, "Thank you."]
[[links]]
between = ["ivr", "caller"]
[[cues]]
id = "sales"
after = { agent = "caller", keys = "1" }
agent = "ivr"
say = "This is the sales department."
[[cues]]
id = "order"
after = { agent = "caller", keys = "{order}#" }
agent = "ivr"
say = "You have entered {order}. For sales, press one."
[end]
when = [{ agent = "caller", event = "turn" }]
max = "40s"
[[expect]]
id = "in-this-order"
order = [{ cue = "order" }, { cue = "sales" }]
[[expect]]
id = "one-call-of-sales"
happens = { agent = "caller", keys = "1" }
times = 1
"""


def test_lines_of_keys_go_through_a_menu_and_a_key_is_not_found_within_a_row(tmp_path):
    run = run_scenario(toml=LINES, out=tmp_path / "run")
    assert [each.keys for each in run.events(Pressed)] == ["4711#", "1"]
    assert [each.status for each in run.expectations[:2]] == ["passed"] * 2
    assert run.said_by("caller") == "Thank you."


def test_keys_that_are_none_are_refused_in_a_line():
    with pytest.raises(ScenarioError, match=r"lines\[1\].*is no row of keys"):
        run_scenario(toml=LINES.replace('keys = "1" }, "T', 'keys = "one" }, "T'))
