"""What is expected of a run decides how it came out, wherever one looks."""

from __future__ import annotations

import io
import json
from pathlib import Path

import jsonschema
import pytest

from soundstage import Run, run_scenario
from soundstage.cli.judging.judge_command import judge_runs
from soundstage.errors import ExpectationFailed, RunFailed
from soundstage.results import expectation_schema

CALL = """
[scenario]
%s
[agents.support]
opening_prompt = "Greet."
local.lines = ["Hello, may I have your order number?", "It costs fifty dollars."]
[agents.caller]
kind = "scripted"
lines = ["It is order number 12."]
[[links]]
between = ["support", "caller"]
[end]
turns = 3
silence = "12s"
max = "1m"
"""
GREETS = '[[expect]]\nid = "greets"\nagent = "support"\nsaid = "order number"\n'
CHEAP = '[[expect]]\nid = "cheap"\nnever_said = "{p:money}"\nwhere = { p = { above = 40 } }\n'
SORRY = '[[expect]]\nid = "sorry"\nagent = "caller"\nsaid = "sorry"\n'
DEAF = '[[expect]]\nid = "deaf"\nheard = "order"\nby = "caller"\n'


def played(folder: Path, expectations: str, head: str = "") -> Run:
    return run_scenario(toml=CALL % head + expectations, out=folder / "run", check=False)


@pytest.mark.parametrize(
    ("expectations", "head", "outcome"),
    [
        (GREETS, "", ("ended", "turns", 0)),
        (GREETS + CHEAP, "", ("failed", "expect:cheap", 1)),
        (CHEAP + 'need = "advisory"', "", ("ended", "turns", 0)),
        (SORRY, 'under_test = ["support"]', ("invalid", "expect:sorry", 3)),
        (DEAF, "", ("invalid", "expect:deaf", 3)),
        (DEAF + CHEAP, "", ("failed", "expect:cheap", 1)),
    ],
)
def test_an_expectation_decides_how_a_run_came_out(expectations, head, outcome, tmp_path):
    run = played(tmp_path, expectations, head)
    assert (run.outcome, run.reason, run.exit_code) == outcome
    assert json.loads((run.folder / "result.json").read_text())["exit_code"] == outcome[2]
    last = json.loads((run.folder / "events.jsonl").read_text().splitlines()[-1])
    assert (last["outcome"], last["reason"], last["exit_code"]) == outcome


DEAD = """
from soundstage import Agent, Heard, handles

class Dead(Agent):
    @handles(Heard)
    def answer(self, heard):
        if heard.text == "never said":
            self.say("Hello.")
"""
DEAD_CALL = """
[scenario]
%s
[agents.dead]
kind = "./dead.py:Dead"
[agents.caller]
kind = "scripted"
lines = ["Hello? Is anybody there?"]
[[links]]
between = ["dead", "caller"]
[end]
silence = "5s"
max = "1m"
"""


@pytest.mark.parametrize(
    ("head", "outcome"),
    [
        ("", ("failed", "expect:unanswered", 1)),
        ("expect_answers = false", ("ended", "silence", 0)),
        ('under_test = ["caller"]', ("invalid", "expect:unanswered", 3)),
    ],
)
def test_an_agent_that_never_answers_fails_the_run(head, outcome, tmp_path):
    (tmp_path / "dead.py").write_text(DEAD)
    (tmp_path / "call.toml").write_text(DEAD_CALL % head)
    run = run_scenario(tmp_path / "call.toml", out=tmp_path / "run", check=False)
    assert (run.outcome, run.reason, run.exit_code) == outcome
    [heard] = run.events("heard", "dead")
    assert -1.0 < heard.score <= 0.0


def test_a_failed_run_raises_with_what_was_expected_and_how_to_listen(tmp_path):
    with pytest.raises(RunFailed) as caught:
        run_scenario(toml=CALL % "" + GREETS + CHEAP, out=tmp_path / "run")
    text = str(caught.value)
    assert "failed: cheap" in text
    assert 'expected  never: an agent says "{p:money}" where p is above 40' in text
    assert "It costs fifty dollars." in text
    assert "turn 3" in text
    assert "ffplay -ss" in text
    assert "greets" not in text
    run = caught.value.run
    assert run.expect("greets").status == "passed"
    with pytest.raises(ExpectationFailed, match="It costs fifty dollars"):
        run.expect("cheap")
    with pytest.raises(KeyError, match="only greets, cheap, unanswered"):
        run.expect("nowhere")


def test_the_file_of_the_results_is_as_its_schema_says(tmp_path):
    run = played(tmp_path, GREETS + CHEAP + DEAF)
    written = json.loads((run.folder / "expectations.json").read_text())
    jsonschema.Draft202012Validator(expectation_schema()).validate(written)
    assert [each["status"] for each in written["verdicts"]] == [
        *("passed", "failed", "unknown", "passed"),
    ]


def test_a_stored_run_is_judged_again_with_the_same_results(tmp_path):
    run = played(tmp_path, GREETS + CHEAP)
    kept = (run.folder / "expectations.json").read_bytes()
    out = io.StringIO()
    assert judge_runs([tmp_path], other=None, keep=True, as_json=False, out=out) == 1
    assert "failed: expect:cheap (2 passed, 1 failed)" in out.getvalue()
    assert (run.folder / "expectations.json").read_bytes() == kept
    other = tmp_path / "other.toml"
    other.write_text(GREETS + SORRY + 'need = "advisory"')
    lines = io.StringIO()
    assert judge_runs([run.folder], other=other, keep=False, as_json=True, out=lines) == 0
    [line] = map(json.loads, lines.getvalue().splitlines())
    assert [each["id"] for each in line["verdicts"]] == ["greets", "sorry", "unanswered"]
    assert line["outcome"] == "ended"


SHOP = """
orders = {}

def book(order: str) -> str:
    orders[order] = "refunded"
    return "done"

def all_orders(folder):
    assert (folder / "events.jsonl").is_file()
    return orders

def broken():
    raise LookupError("no shop")
"""


@pytest.mark.parametrize(
    ("state", "status"), [("orders", "passed"), ("all_orders", "passed"), ("broken", "unknown")]
)
def test_a_state_is_asked_after_the_end(state, status, tmp_path):
    (tmp_path / "shop.py").write_text(SHOP)
    call = CALL % "" + (
        f'[[expect]]\nid = "ledger"\nstate = "./shop.py:{state}"\nequals = {{ 12 = "refunded" }}\n'
        '[tools.book]\npython = "./shop.py:book"\n'
    )
    call_it = '{ tool = "book", args = { order = "12" } }'
    rules = f'tools = ["book"]\nlocal.rules = [{{ heard = "order number", call = [{call_it}] }}]\n'
    call = call.replace('opening_prompt = "Greet."\n', f'opening_prompt = "Greet."\n{rules}')
    (tmp_path / "call.toml").write_text(call)
    run = run_scenario(tmp_path / "call.toml", out=tmp_path / "run", check=False)
    assert [each.status for each in run.expectations if each.id == "ledger"] == [status]


def test_each_agent_is_expected_to_do_the_same(tmp_path):
    each = '[[expect]]\nid = "both"\neach = ["support", "caller"]\nagent = "{agent}"\nsaid = "%s"\n'
    run = played(tmp_path, each % "order number")
    assert run.expect("both").status == "passed"
    run = run_scenario(toml=CALL % "" + each % "hello", out=tmp_path / "b", check=False)
    found = next(one for one in run.expectations if one.id == "both")
    assert (found.status, found.agent) == ("failed", "caller")
    assert found.expected == 'caller says "hello"'
