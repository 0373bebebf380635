from __future__ import annotations

import pytest
from pydantic import ValidationError

from soundstage.config.values import Duration
from soundstage.endpoint import LocalSettings, Rule, RuleCall


def test_the_rules_of_a_shop():
    local = LocalSettings.model_validate(
        {
            "think": ["300ms", "700ms"],
            "rules": [
                {
                    "heard": "order {order}",
                    "call": [{"tool": "find", "args": {"order": "{order}"}}],
                },
                {"tool": "find", "say": "I found it: {item}, {price} dollars."},
                {"tool": "find", "failed": True, "say": "There is no order {order}."},
            ],
            "otherwise": "Sorry? Order {order}?",
        }
    )
    heard, found, lost = local.rules
    assert heard.call[0].arguments({"order": "X 1"}) == {"order": "X 1"}
    assert found.slots == ("item", "price")
    assert lost.failed
    assert local.think.longest == Duration("700ms")
    assert local.is_given


def test_nothing_given_is_nothing_given():
    assert not LocalSettings().is_given
    assert not LocalSettings.model_validate({"think": "1s"}).is_given
    assert LocalSettings.model_validate({"otherwise": ""}).is_given
    assert LocalSettings().otherwise is None


def test_a_session_lives_for_a_second_at_least():
    assert LocalSettings(expires_after=Duration("90s")).expires_after == Duration("90s")
    with pytest.raises(ValidationError, match="at least 1s, not 999ms"):
        LocalSettings.model_validate({"expires_after": "999ms"})


def test_templates_stand_in_arguments_at_any_depth():
    call = RuleCall.model_validate(
        {"tool": "pay", "args": {"sum": "{n:number}", "to": [{"name": "{who}"}], "fast": True}}
    )
    assert call.slots == ("n", "who")
    filled = call.arguments({"n": "3", "who": "Ada"})
    assert filled == {"sum": 3, "to": [{"name": "Ada"}], "fast": True}


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({"say": "Hi."}, "exactly one of heard and tool"),
        ({"heard": "a", "tool": "b", "say": "Hi."}, "exactly one of heard and tool"),
        ({"heard": "a"}, "say or call"),
        ({"heard": "a", "say": "Hi.", "failed": True}, "failed goes with tool"),
        ({"heard": "a", "say": "{"}, "brace"),
        ({"heard": "a", "call": [{"tool": "b", "args": {"c": "{"}}]}, "brace"),
        ({"tool": "b", "say": "Hi.", "failed": "yes"}, "boolean"),
    ],
)
def test_a_wrong_rule_is_refused(table, why):
    with pytest.raises(ValidationError, match=why):
        Rule.model_validate(table)


@pytest.mark.parametrize(
    "table",
    [
        {"rules": [{"heard": "to {city}", "say": "{town}!"}]},
        {"rules": [{"heard": "pay", "call": [{"tool": "pay", "args": {"to": "{town}"}}]}]},
        {"otherwise": "{town}?"},
    ],
)
def test_a_slot_that_no_phrase_binds_is_found_at_once(table):
    with pytest.raises(ValidationError, match=r'no phrase binds "\{town\}"'):
        LocalSettings.model_validate(table)


def test_a_slot_may_have_been_bound_by_another_rule():
    LocalSettings.model_validate(
        {"rules": [{"heard": "to {city}", "say": "Yes."}, {"heard": "where", "say": "{city}."}]}
    )
