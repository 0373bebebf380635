from __future__ import annotations

import pytest

from soundstage.endpoint.replies.wrong_answers import (
    CHATTER,
    with_much_talk,
    with_repeated_calls,
    with_wrong_numbers,
)
from soundstage.realtime import FunctionCall, Reply


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("Order 12 is $24.50.", "Order 13 is $25.51."),
        ("That is 9 or 19.", "That is 0 or 10."),
        ("Two of them, for ninety dollars.", "Three of them, for two dollars."),
        ("No one has the tension of often.", "No one has the tension of often."),
    ],
)
def test_every_number_is_another_one_and_every_other_word_stays(said, instead):
    assert with_wrong_numbers(Reply(said)) == Reply(instead)


def test_a_talkative_answer_goes_on_and_one_without_words_stays_silent():
    call = FunctionCall("look", "{}")
    assert with_much_talk(Reply("Yes.")).text == f"Yes. {CHATTER}"
    assert with_much_talk(Reply(None, (call,))) == Reply(None, (call,))
    assert with_wrong_numbers(Reply(None, (call,))) == Reply(None, (call,))


def test_each_call_is_made_twice():
    one, other = FunctionCall("look", "{}"), FunctionCall("pay", '{"order": 1}')
    assert with_repeated_calls(Reply("So.", (one, other))) == Reply("So.", (one, other, one, other))
