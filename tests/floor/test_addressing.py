"""The member that a speaker addresses."""

from __future__ import annotations

import pytest

from soundstage.floor.addressing import named


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("Ben, what do you think?", "ben"),
        ("Thank you, Ada. Ben, what do you think?", "ben"),
        ("Ben, do you agree with Ada?", "ben"),
        ("Ada says no, and you, Ben?", "ben"),
        ("I would like to hear Mary-Ann on that.", "mary_ann"),
        ("BEN! Please.", "ben"),
        ("The bench is by the adapter.", None),
        ("", None),
        ("Well.", None),
    ],
)
def test_the_last_sentence_with_a_name_decides(text: str, who: str | None) -> None:
    assert named(text, ["ada", "ben", "mary_ann"]) == who


def test_a_name_is_heard_however_it_is_written() -> None:
    assert named("O'Brien, your turn.", ["ada", "obrien"]) == "obrien"
    assert named("What does agent two say?", ["agent_1", "agent_2"]) == "agent_2"
