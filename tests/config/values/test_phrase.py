from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundstage.config.values import Phrase, normalize
from soundstage.spoken_form import atoms_of


@pytest.mark.parametrize(
    ("phrase", "heard"),
    [
        ("goodbye", "Well, GOODBYE!"),
        ("two of them", "I want 2 of them."),
        ("24 hours", "twenty-four hours"),
        ("it costs 24.5", "It costs twenty four point five, I think."),
        ("that's it", "That\u2019s it."),
        ("twenty four dollars", "It is $24."),
        ("hi i want", "Hi, I want my money back."),
    ],
)
def test_words_are_found_whatever_their_case_punctuation_and_figures(phrase, heard):
    assert Phrase(phrase).match(heard) == {}


@pytest.mark.parametrize(
    ("phrase", "heard"),
    [("ash", "I washed it."), ("good bye", "bye good"), ("four", "twenty-four")],
)
def test_words_are_whole_and_in_order(phrase, heard):
    assert Phrase(phrase).match(heard) is None


@pytest.mark.parametrize(
    ("phrase", "heard", "slots"),
    [
        ("weather in {city}", "What's the weather in Dublin?", {"city": "Dublin"}),
        ("weather in {city}", "the weather in Dublin, please. Thanks.", {"city": "Dublin"}),
        ("weather in {city}", "The weather in St. Louis.", {"city": "St. Louis"}),
        ("weather in {city} today", "weather in New York today?", {"city": "New York"}),
        ("from {a} to {b}", "From New York to Rome.", {"a": "New York", "b": "Rome"}),
        ("order {order}", "for order X, 1234. Yes.", {"order": "X, 1234"}),
        ("{n:number} people", "a table for twenty four people", {"n": "24"}),
        ("pay {n:number} {unit}", "Please pay $24.50.", {"n": "24.50", "unit": "dollars"}),
        ("pay {n:number} euros", "Pay 7 euros.", {"n": "7"}),
        ("pay {n:number} euros", "Pay \u20ac1,007.50 now.", {"n": "1007.50"}),
        ("number {n:number}", "It is number one two three four.", {"n": "1234"}),
        ("number {n:number}", "number minus three", {"n": "-3"}),
    ],
)
def test_slots_take_what_was_said(phrase, heard, slots):
    assert Phrase(phrase).match(heard) == slots
    assert Phrase(phrase).slots == tuple(slots)


@pytest.mark.parametrize(
    ("phrase", "heard"),
    [("weather in {city}", "the weather in"), ("{n:number} people", "many people")],
)
def test_a_slot_that_nothing_is_said_for_is_no_match(phrase, heard):
    assert Phrase(phrase).match(heard) is None


def test_a_number_that_makes_no_sense_is_passed_over_for_one_that_does():
    phrase = Phrase("at {t:time}")
    assert phrase.match("At thirty sixty. No, at seven thirty!") == {"t": "7:30"}


def test_a_pattern_is_searched_in_the_text_as_recognised():
    phrase = Phrase.read({"pattern": r"\b(yes|sure|order (?P<order>\w+))\b"})
    assert phrase.match("SURE thing.") == {"order": ""}
    assert phrase.match("Order X1") == {"order": "X1"}
    assert phrase.match("surely") is None
    assert phrase.slots == ("order",)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("", "at least one word"),
        ("?!", "at least one word"),
        ("{a}", "at least one word"),
        ("to {a} {b}", "a word between"),
        ("{a} and {a}", "twice"),
        ("to {a", "brace"),
        ("to {a:text}", ":number"),
        ("to {1}", "no slot"),
        ({"pattern": "("}, "regular expression"),
        ({"pattern": "\bhi\b"}, "single quotes"),
        ({"pattern": "hi\f"}, "single quotes"),
        ({"pattern": "x", "flags": "i"}, "a phrase is"),
        ({"pattern": 5}, "a phrase is"),
        (5, "a phrase is"),
    ],
)
def test_what_is_no_phrase_is_refused(value, why):
    with pytest.raises(ValueError, match=why):
        Phrase.read(value)


@pytest.mark.parametrize(
    ("heard", "amount", "currency"),
    [
        ("pay $25.50 now", "25.50", "dollars"),
        ("pay $25 and $0.50 cents now", "25.50", "dollars"),
        ("pay $25 and $0.50 now", "25.50", "dollars"),
        ("pay $25 and 50 now", "25", "dollars and 50"),
        ("pay $19 and 99 cents now", "19.99", "dollars"),
        ("Pay twenty-five dollars and fifty cents now.", "25.50", "dollars"),
        ("pay five dollars five cents now", "5.05", "dollars"),
        ("pay £5 and 20 pence now", "5.20", "pounds"),
        ("pay 120 euros now", "120", "euros"),
        ("pay 1,250 pounds now", "1250", "pounds"),
        ("pay $99.99 US now", "99.99", "dollars us"),
        ("pay 5.5 dollars and 5 now", "5.5", "dollars and 5"),
    ],
)
def test_a_price_is_one_number_however_it_was_written(heard, amount, currency):
    found = Phrase("pay {amount:number} {currency} now").match(heard)
    assert found == {"amount": amount, "currency": currency}


@pytest.mark.parametrize("value", ["weather in {city}", {"pattern": "yes|no"}])
def test_a_phrase_is_written_as_it_was_read(value):
    assert Phrase.read(value).written() == value
    assert Phrase.read(Phrase.read(value)) == Phrase.read(value)


@given(st.text(alphabet="ab ,.'12?", min_size=1), st.text(alphabet="ab ,.'12?"), st.text())
def test_a_text_with_the_phrase_in_it_matches(words, before, after):
    text = f"{before} {words} {after}"
    wanted, heard = compared(words), compared(text)
    # In seven texts of ten thousand, what stands beside the words makes another number of them.
    stands_in = any(heard[at : at + len(wanted)] == wanted for at in range(len(heard)))
    if normalize(words) and stands_in:
        assert Phrase(words).match(text) is not None


@pytest.mark.parametrize(
    ("phrase", "heard"), [("1", "1 thousand"), ("1", "1 1/2"), ("1", "1 penny"), ("1 a", "1 a m")]
)
def test_a_number_is_not_found_in_another_that_begins_with_it(phrase, heard):
    assert Phrase(phrase).match(heard) is None
    assert Phrase(heard).match(heard) is not None


def compared(text):
    """Words and numbers as they are compared."""
    return [atom.text for atom in atoms_of(text)]


@given(st.text())
def test_no_text_is_too_strange_to_be_listened_to(heard):
    for phrase in ("a", "in {x}", "{n:number} of {x}", "from {a} to {b}"):
        found = Phrase(phrase).match(heard)
        assert found is None or set(found) == set(Phrase(phrase).slots)
