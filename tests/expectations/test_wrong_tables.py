"""Sixty wrong expectations in one file: each is told with its line, its key and the nearest one."""

from __future__ import annotations

import re

import pytest

from soundstage.errors import ScenarioError
from soundstage.scenario import load_scenario

CALL = """
[agents.support]
opening_prompt = "Greet."
tools = ["refund"]
local.lines = ["Hello."]

[agents.caller]
kind = "scripted"
lines = ["Hello."]

[tools.refund]
parameters = { type = "object" }
mock = [{ returns = "done" }]

[[links]]
between = ["support", "caller"]

[[cues]]
id = "objection"
after = { at = "1s" }
agent = "caller"
say = "No."

[end]
turns = 4
"""

# What is written below `[[expect]]`, the key of the fault, and words that its line must have.
# An id is put before each that says none; the fault is in the last line.
WRONG = [
    ("", "", "needs exactly one of happens, never, said"),
    ('said = "a"\ntool = "refund"', "", "this has said and tool"),
    ('id = "Hello"\nsaid = "a"', "id", "is no id: lower-case letters"),
    ('id = "unanswered"\nsaid = "a"', "id", "every scenario has by itself"),
    ('id = "e 1"\nsaid = "a"', "id", "is no id"),
    ("id = 3\nsaid = 'a'", "id", "must be text in quotes"),
    ('said = "a"\nagent = "suport"', "agent", 'did you mean "support"?'),
    ('tool = "refnd"', "tool", 'there is no tool "refnd"; did you mean "refund"?'),
    ('no_tool = "refnd"', "no_tool", 'did you mean "refund"?'),
    ('heard = "a"\nby = "calller"', "by", 'did you mean "caller"?'),
    ('sayd = "a"\nsaid = "b"', "sayd", 'unknown key; did you mean "said"?'),
    ('never_says = "a"\nsaid = "b"', "never_says", 'did you mean "never_said"?'),
    ('said = "b"\nbefor = { tool = "refund" }', "befor", 'did you mean "before"?'),
    ('said = "b"\nwitin = "3s"', "witin", 'did you mean "within"?'),
    ('said = "b"\nneeds = "advisory"', "needs", 'did you mean "need"?'),
    ('judge = "polite"', "judge", "there is no table [judge]"),
    ('said = "b"\nwithin = "3"', "within", "a duration is written with its unit"),
    ('said = "b"\nwithin = 3', "within", "a duration is written with its unit"),
    ('said = "b"\nwithin = "0s"', "within", "must be more than 0"),
    ('said = "b"\ntimes = -1', "times", "nothing comes less than 0 times"),
    ('said = "b"\ntimes = [3, 1]', "times", "the range runs backwards: 1 < 3"),
    ('said = "b"\ntimes = "once"', "times", "times is a number, as 2, or a range"),
    ('said = "b"\ntimes = [1, 2, 3]', "times", "times is a number, as 2, or a range"),
    ('said = "b"\ntimes = true', "times", "times is a number, as 2, or a range"),
    ('never_said = "b"\ntimes = 2', "times", "does not go with never_said; it goes with happens"),
    ('tool = "refund"\nby = "support"', "by", "does not go with tool; it goes with heard"),
    ('said = "b"\nargs = { a = 1 }', "args", "does not go with said; it goes with tool, no_tool"),
    ('said = "b"\nover = "batch"', "over", "does not go with said; it goes with metric"),
    ('said = "b"\nonly = true', "only", "does not go with said; it goes with reacts"),
    ('said = "b"\nfor = "2s"', "for", "does not go with said; it goes with reacts"),
    ('said = "b"\nequals = 1', "equals", "does not go with said; it goes with state"),
    ('said = "{slot}"', "said", "a phrase needs at least one word beside its slots"),
    ('said = "{p:mony}"', "said", "a slot takes words, or a value by its type"),
    ("said = { pattern = '(' }", "said", "is no regular expression"),
    ("said = 3", "said", "a phrase is"),
    ('said = "a"\nwhere = { p = { above = 1 } }', "where.p", 'nothing binds "{p}"'),
    ('said = "{q:number}"\nwhere = { p = { above = 1 } }', "where.p", "known: q"),
    ('said = "{p:number}"\nwhere = { p = { abov = 1 } }', "where.p.abov", 'did you mean "above"?'),
    ('said = "{p:number}"\nwhere = { p = { } }', "where.p", "a condition needs one of above"),
    ('said = "{p:number}"\nwhere = { p = { above = "x" } }', "where.p", "above needs a number"),
    ('said = "{p:number}"\nwhere = { p = { above = 5, below = 2 } }', "where.p", "no value is so"),
    ('tool = "refund"\nargs = { a = "x {b}" }', "", "one slot alone"),
    ('happens = { event = "joind" }', "happens.event", 'did you mean "joined"?'),
    ('happens = { event = "my_own" }', "happens.event", "no agent of your own that could emit it"),
    ('happens = { said = "a", tool = "refund" }', "happens", "this has said and tool"),
    ('happens = { agent = "support" }', "happens", "this has none"),
    ('happens = { cue = "objecton" }', "happens.cue", 'did you mean "objection"?'),
    ('happens = { cue = "objection", agent = "caller" }', "happens", "agent does not go with cue"),
    ('happens = { said = "a", by = "caller" }', "happens", "by goes with heard"),
    ('said = "a"\nafter = { said = "b", nth = 0 }', "after.nth", "must be at least 1"),
    ('said = "a"\nuntil = { turns = 0 }', "until.turns", "must be at least 1"),
    ('said = "a"\nuntil = { turns = 1, tool = "refund" }', "until", "this has tool and turns"),
    ('order = [{ said = "a" }]', "order", "an order needs two moments or more"),
    ('order = [{ said = "a" }, { tool = "refnd" }]', "order[1].tool", 'did you mean "refund"?'),
    ('metric = "respons_gap.p95"\nat_most = "1s"', "metric", 'did you mean "response_gap.p95"?'),
    ('metric = "response_gap"\nat_most = "1s"', "metric", "is many times: say"),
    ('metric = "turns"', "metric", "a metric needs at_most or at_least"),
    ('metric = "turns"\nat_most = "2s"', "at_most", "turns is a number, not 2s"),
    ('metric = "talk_share"\nat_most = 0.6', "at_most", 'talk_share is a share, as "60%"'),
    ('metric = "dead_air"\nat_most = "60%"', "at_most", 'dead_air is a time, as "1.2s"'),
    ('metric = "talk_share"\nat_most = "160%"', "at_most", "a ratio is at most 100%"),
    ('metric = "turns"\nat_most = 2\nover = "all"', "over", 'must be "run" or "batch"'),
    ('reacts = "stop"', "reacts", 'did you mean "stops"?'),
    ('reacts = "stops"', "reacts", "needs agent and after and within"),
    (
        'agent = "support"\nafter = { cue = "objection" }\nfor = "2s"\nreacts = "responds"',
        "for",
        'for goes with reacts = "continues"',
    ),
    ('state = "shop.py:orders"\nequals = 1', "state", "a file is named with its folder"),
    ('state = "./nowhere.py:orders"\nequals = 1', "state", "cannot be read"),
    ('state = "./shop.py:orders"', "state", "equals is missing"),
    ('all = ["grets"]', "all", 'there is no expectation "grets"; did you mean "greets"?'),
    ("any = []", "any", "must have 1 items, not 0"),
    ('said = "a"\nwhen = "grets"', "when", 'did you mean "greets"?'),
    ('said = "a"\nneed = "optional"', "need", 'must be "required" or "advisory"'),
    ('said = "a"\neach = ["ada"]', "each[0]", 'there is no agent "ada"'),
    ('said = "a"\neach = []', "each", "names no agent"),
    ('said = "a"\nwhen = "circle-b"\nid = "circle-a"', "when", "depends on"),
    ('said = "a"\nwhen = "circle-a"\nid = "circle-b"', "when", "depends on"),
    ('id = "greets"\nsaid = "b"', "id", "already"),
]


def whole_file() -> tuple[str, list[tuple[int, str, str]]]:
    """A file with all of them, and where each fault must be told: index, key, words."""
    text = CALL + '\n[[expect]]\nid = "greets"\nsaid = "order number"\n'
    expected = []
    for index, (table, key, words) in enumerate(WRONG, 1):
        named = table if re.search(r"^id = ", table, re.MULTILINE) else f'id = "e{index}"\n{table}'
        text += f"\n[[expect]]\n{named}\n"
        expected.append((index, key, words))
    return text, expected


def test_there_are_sixty():
    assert len(WRONG) >= 60


def test_all_of_them_are_told_at_once_each_with_its_line_and_key(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text, expected = whole_file()
    (tmp_path / "call.toml").write_text(text)
    with pytest.raises(ScenarioError) as caught:
        load_scenario("call.toml")
    left = list(caught.value.faults)
    lines = text.splitlines()
    for index, key, words in expected:
        path = f"expect[{index}]" + (f".{key}" if key else "")
        its = [fault for fault in left if f": {path}: " in fault and words in fault]
        assert its, (path, words, [fault for fault in left if f"expect[{index}]" in fault])
        line = int(its[0].split(":")[1])
        last = key.split(".")[-1].split("[")[0]
        assert not key or last in lines[line - 1], (its[0], lines[line - 1])
        left.remove(its[0])
    assert left == []


@pytest.mark.parametrize(("table", "key", "words"), WRONG[:2])
def test_one_of_them_is_told_alone(table, key, words):
    del key
    with pytest.raises(ScenarioError, match=words.split(":")[0]):
        load_scenario(toml=f'{CALL}\n[[expect]]\nid = "e"\n{table}\n')
