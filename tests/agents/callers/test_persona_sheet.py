"""The facts of a persona, and the prompt that is made of them."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from soundstage_agents.callers.persona import PersonaAgent
from soundstage_agents.callers.persona_sheet import Fact, FactSheet, persona_prompt

FACTS = {
    "order": Fact(text="The number of the order is 4711.", said="4711"),  # type: ignore[arg-type]
    "name": Fact(text="Kim Olsen"),
}
WRITTEN = {"lines": ["Hello."]}


def test_a_fact_is_found_by_the_words_that_are_given_for_it_and_else_by_its_own() -> None:
    sheet = FactSheet(FACTS)
    assert [name for name, _ in sheet.said("It is order four seven one one.")] == ["order"]
    assert [name for name, _ in sheet.said("My name is Kim Olsen, order 4711.")] == ["name"]
    assert not list(sheet.said("Kim Olsen."))


def test_several_facts_in_one_turn_come_in_the_order_of_the_file() -> None:
    said = FactSheet(FACTS).said("Kim Olsen, 4711.")
    assert [(name, fact.text) for name, fact in said] == [
        ("order", "The number of the order is 4711."),
        ("name", "Kim Olsen"),
    ]


def test_a_fact_that_is_not_said_stays_on_the_sheet() -> None:
    sheet = FactSheet(FACTS)
    assert not list(sheet.said("The order is 471."))
    assert [name for name, _ in sheet.said("4711")] == ["order"]


def test_the_prompt_has_the_goal_the_character_each_fact_and_when_it_may_be_said() -> None:
    prompt = persona_prompt("Get the money back.", "Kim, impatient.", FACTS)
    assert "Your goal: Get the money back." in prompt
    assert "Who you are: Kim, impatient." in prompt
    assert "- order: The number of the order is 4711.\n- name: Kim Olsen" in prompt
    assert "only when you are asked for it" in prompt
    assert "end_call" in prompt


def test_a_persona_without_facts_is_told_to_invent_none() -> None:
    prompt = persona_prompt("Get the money back.", None, {})
    assert "that is not written here, say that you do not know it" in prompt
    assert "Who you are" not in prompt
    assert "What you know" not in prompt


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"stand_in": WRITTEN}, "Field required"),
        ({"goal": "", "stand_in": WRITTEN}, "is empty: it is what the persona wants"),
        ({"goal": "A cup."}, "a persona needs chat"),
        ({"goal": "A cup.", "stand_in": {}}, "a persona needs chat"),
        (
            {"goal": "A cup.", "chat": {"url": "http://a/v1", "model": "m", "sees": True}},
            "is shown no images",
        ),
        (
            {"goal": "A cup.", "stand_in": {"rules": [{"tool": "t", "say": "Hm."}]}},
            "a persona gets no results of tools: use heard",
        ),
        (
            {"goal": "A cup.", "stand_in": {"rules": [{"heard": "a", "call": [{"tool": "t"}]}]}},
            'a persona has no tool "t", only end_call',
        ),
        ({"goal": "A cup.", "stand_in": WRITTEN, "facts": {"Kim": "x"}}, "is no name"),
        ({"goal": "A cup.", "stand_in": WRITTEN, "facts": {"it": "{a}"}}, "give said"),
        ({"goal": "A cup.", "stand_in": WRITTEN, "facts": {"it": {"said": "x"}}}, "Field required"),
        ({"goal": "A cup.", "stand_in": WRITTEN, "most_turns": 0}, "greater than or equal to 1"),
        (
            {"goal": "A cup.", "stand_in": {"otherwise": "It is {order}."}},
            'no phrase binds "{order}"',
        ),
    ],
)
def test_a_table_that_is_wrong_is_refused_with_the_reason(
    table: dict[str, object], told: str
) -> None:
    with pytest.raises(ValidationError) as error:
        PersonaAgent.Settings.model_validate(table)
    assert told in str(error.value)
