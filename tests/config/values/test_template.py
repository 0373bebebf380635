from __future__ import annotations

import pytest

from soundstage.config.values import Template


def test_slots_are_filled_as_they_are_read_aloud():
    template = Template("{item}, {price} dollars, {count}, {fresh}: {also}.")
    slots = {"item": "a kettle", "price": 24.5, "count": 3.0, "fresh": True, "also": ["tea", 2]}
    assert template.fill(slots) == "a kettle, 24.5 dollars, 3, yes: tea, 2."
    assert template.slots == ("item", "price", "count", "fresh", "also")


def test_a_slot_that_is_not_bound_stays_readable():
    assert Template("The number is {refund_id}.").fill({}) == "The number is refund id."


def test_a_single_number_slot_gives_a_tool_a_number():
    assert Template("{n:number}").argument({"n": "24.5"}) == 24.5
    assert Template("{n:number}").argument({"n": "24"}) == 24
    assert Template("{n:number}").argument({"n": "nan"}) == "nan"
    assert Template("{n}").argument({"n": "24"}) == "24"
    assert Template("{n:number} times").argument({"n": "24"}) == "24 times"


@pytest.mark.parametrize("text", ["{", "a } b", "{a b}", "{}", "{a:text}", "{{a}}"])
def test_a_wrong_template_is_refused(text):
    with pytest.raises(ValueError, match=r"brace|slot"):
        Template(text)
