from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundstage.endpoint.replies.answer_text import AnswerText
from soundstage.json_text import valid_text


def said(*pieces: str) -> str:
    text = AnswerText()
    return "".join([*map(text.push, pieces), text.rest()])


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("It rains.", "It rains."),
        ("<think>The user asks.</think>\n\nIt rains.", "\n\nIt rains."),
        ("<THINK>a</THINK>It <thinking>hm</thinking>rains.", "It rains."),
        ("It rains.<think>And now", "It rains."),
        ("a < b and <b>bold</b> <", "a < b and <b>bold</b> <"),
        ("Hi \ud83d there \udc00", "Hi \ufffd there \ufffd"),
        ("Hi \ud83d\ude00", "Hi \U0001f600"),
    ],
)
def test_what_is_said_of_an_answer_does_not_depend_on_where_it_was_cut(answer, expected):
    assert said(answer) == expected
    assert said(*answer) == expected
    for cut in range(len(answer)):
        assert said(answer[:cut], answer[cut:]) == expected


@given(st.lists(st.text(st.characters(codec=None))))
def test_whatever_comes_can_be_written_to_a_file(pieces):
    assert said(*pieces).encode().decode() == said("".join(pieces))


@given(st.text())
def test_valid_text_is_left_as_it_is(text):
    assert valid_text(text) == text
