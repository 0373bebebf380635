"""A slot that nothing has bound is said by its name: that is told before the run and in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage import run_scenario
from soundstage.messages import events
from soundstage.scenario import load_scenario

if TYPE_CHECKING:
    from soundstage import Run

CALL = """
[agents.caller]
kind = "scripted"
voice = "coral"
wait = "300ms"
lines = ["CALLER"]
[agents.bot]
voice = "ash"
tools = ["look"]
[agents.bot.local]
BOT
[tools.look]
description = "Looks."
parameters = { type = "object", properties = {} }
mock = [{ returns = { price = 24.5 } }, { when = { x = 1 }, error = "gone" }]
[[links]]
between = ["caller", "bot"]
CUE
[end]
silence = "2s"
max = "20s"
"""


NOWHERE = "no phrase has it, and no mock of look returns it"


def said_itself(slot: str) -> str:
    return f'nothing binds "{{{slot}}}", so "{slot}" itself is said'


def scene(bot: str, *, caller: str = "Where is my kettle?", cue: str = "") -> str:
    return CALL.replace("CALLER", caller).replace("BOT", bot).replace("CUE", cue)


def told(toml: str) -> list[str]:
    """What is warned of before the run."""
    return [warning.partition(": ")[2] for warning in load_scenario("x", toml=toml).warnings]


def warned(toml: str) -> list[events.Warned]:
    run: Run = run_scenario(toml=toml, check=False)
    return [each for each in run.events(events.Warned) if each.code == "unbound_slot"]


def test_a_line_has_no_slots() -> None:
    toml = scene('lines = ["Your {order} is here."]', caller="Where is {it}?")
    assert told(toml) == [
        f"agents.caller.lines[0]: {said_itself('it')}: a line has no slots",
        f"agents.bot.local.lines[0]: {said_itself('order')}: a line has no slots",
    ]
    assert [(each.agent, "{" in each.message) for each in warned(toml)] == [
        ("caller", True),
        ("bot", True),
    ]


def test_a_field_that_no_mock_of_the_tool_returns_is_bound_by_nothing() -> None:
    rules = """rules = [
  { heard = "kettle", call = [{ tool = "look" }] },
  { tool = "look", say = "It costs {prize}." },
  { tool = "look", failed = true, say = "No: {error}, {reason}." },
]"""
    assert told(scene(rules)) == [
        f"agents.bot.local.rules[1]: {said_itself('prize')}: {NOWHERE}",
        f"agents.bot.local.rules[2]: {said_itself('reason')}: {NOWHERE}",
    ]
    [only] = warned(scene(rules))
    assert only.agent == "bot"
    assert only.message == 'nothing has bound {prize}: "prize" stands in "It costs {prize}."'


def test_a_field_that_a_mock_returns_and_a_slot_that_was_heard_are_bound() -> None:
    rules = """rules = [
  { heard = "my {thing}", call = [{ tool = "look", args = { what = "{thing}" } }] },
  { tool = "look", say = "Your {thing} costs {price:number}." },
]"""
    assert told(scene(rules)) == []
    assert warned(scene(rules)) == []


def test_a_slot_that_a_phrase_has_that_was_not_heard_yet_is_told_in_the_run() -> None:
    bot = """rules = [{ heard = "order {order}", say = "Thank you." }]
otherwise = "I do not know order {order}." """
    assert told(scene(bot)) == []
    [only] = warned(scene(bot))
    assert '"order" stands in "I do not know order {order}."' in only.message


def test_arguments_of_a_tool_are_told_of_too() -> None:
    bot = """rules = [
  { heard = "order {order}", say = "Thank you." },
  { heard = "kettle", call = [{ tool = "look", args = { order = "{order}" } }] },
]"""
    [only] = warned(scene(bot))
    assert '"order" stands in "the arguments of look"' in only.message


def test_the_words_of_a_cue_are_told_of_too() -> None:
    rules = 'rules = [{ heard = "kettle", call = [{ tool = "look" }] }]'
    cue = '[[cues]]\nagent = "caller"\nafter = { tool = "look" }\nsay = "It costs {prize}."'
    toml = scene(rules, cue=cue)
    assert told(toml) == [f"cues[0].say: {said_itself('prize')}: no mock of look returns it"]
    [only] = warned(toml)
    assert (only.agent, only.code) == ("caller", "unbound_slot")
