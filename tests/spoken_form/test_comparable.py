"""Written and spoken forms of one value match each other, and other values do not."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundstage.config.values import Phrase
from soundstage.spoken_form import normalize, same_words, word_error_rate
from soundstage.spoken_form._number_words import SMALL, read_number

TABLE = tomllib.loads((Path(__file__).parent / "pairs.toml").read_text("utf-8"))
PAIRS = [(group, *pair) for group, pairs in TABLE["same"].items() for pair in pairs]
OTHERS = [(group, *pair) for group, pairs in TABLE["other"].items() for pair in pairs]


def test_the_table_has_300_pairs():
    assert len(PAIRS) >= 300


@pytest.mark.parametrize(("group", "written", "spoken"), PAIRS)
def test_a_written_form_and_a_spoken_one_of_one_value_match(group, written, spoken):
    assert Phrase(written).match(f"well, {spoken} it is") is not None
    assert Phrase(spoken).match(f"well, {written} it is") is not None
    assert same_words(written, spoken)


@pytest.mark.parametrize(("group", "left", "right"), OTHERS)
def test_forms_of_different_values_do_not_match(group, left, right):
    assert Phrase(left).match(f"well {right} it is") is None
    assert Phrase(right).match(f"well {left} it is") is None
    assert not same_words(left, right)


def one_by_one(figures):
    return " ".join(SMALL[int(figure)] for figure in figures)


def in_words(number):
    return " ".join(normalize(str(number)))


def with_and(number):
    """As it is said in Britain: `one hundred and five`."""
    words = in_words(number).split()
    if number > 100 and number % 100 > 0 and "hundred" in words[-4:]:
        at = len(words) - words[::-1].index("hundred")
        words.insert(at, "and")
    return " ".join(words)


def as_a_year(number):
    left, right = divmod(number, 100)
    tail = f"oh {in_words(right)}" if 0 < right < 10 else in_words(right) if right else "hundred"
    return f"{in_words(left)} {tail}"


def forms_of(number):
    forms = [str(number), f"{number:,}", in_words(number), with_and(number)]
    if len(str(number)) > 1:
        forms += [one_by_one(str(number)), " ".join(str(number)), "-".join(str(number))]
    if 1000 <= number <= 9999 and number % 1000 and number // 100 % 10:
        forms.append(as_a_year(number))
    return forms


@given(st.integers(0, 10**7) | st.integers(0, 9999), st.data())
def test_every_form_of_a_whole_number_matches_every_other(number, data):
    forms = forms_of(number)
    left, right = (data.draw(st.sampled_from(forms)) for _ in range(2))
    assert same_words(left, right)
    assert Phrase(left).match(f"it is {right} today") is not None
    assert word_error_rate(left, right) == 0.0 or number > 9999


@given(st.integers(0, 9999), st.integers(0, 9999))
def test_whole_numbers_that_differ_do_not_match(left, right):
    if left != right:
        assert not same_words(in_words(left), str(right))
        assert not same_words(str(left), with_and(right))


def forms_of_money(dollars, cents):
    bare = f"{dollars}.{cents:02}"
    whole, part = in_words(dollars), in_words(cents)
    unit = "dollar" if dollars == 1 else "dollars"
    forms = [f"${bare}", f"{bare} dollars", f"{bare} USD", f"${dollars:,}.{cents:02}"]
    forms.append(f"{whole} {unit} and {part} {'cent' if cents == 1 else 'cents'}")
    forms.append(f"{whole} {unit} {part} cents")
    return forms


@given(st.integers(1, 20_000), st.integers(1, 99), st.data())
def test_every_form_of_an_amount_matches_every_other_and_is_one_value(dollars, cents, data):
    left, right = (data.draw(st.sampled_from(forms_of_money(dollars, cents))) for _ in range(2))
    assert same_words(left, right)
    bound = Phrase("pays {p:money} now").match(f"She pays {right} now.")
    assert bound == {"p": f"${dollars}.{cents:02}"}


def forms_of_time(hour, minute, half):
    tail = f"oh {in_words(minute)}" if minute < 10 else in_words(minute)
    forms = [
        f"{hour}:{minute:02} {half}m",
        f"{hour}:{minute:02}{half}m",
        f"{hour}.{minute:02} {half}.m.",
    ]
    forms += [f"{in_words(hour)} {tail} {half}m", f"{in_words(hour)} {tail} {half} m"]
    part = "in the morning" if half == "a" else "in the evening"
    special = {15: f"quarter past {in_words(hour)}", 30: f"half past {hour}"}
    before = in_words(hour % 12 + 1)
    special[45] = f"a quarter to {before}" if hour not in (11, 12) else ""
    if special.get(minute):
        forms.append(f"{special[minute]} {part}")
    return forms


@given(st.integers(1, 12), st.integers(1, 59), st.sampled_from("ap"), st.data())
def test_every_form_of_a_time_is_one_value(hour, minute, half, data):
    form = data.draw(st.sampled_from(forms_of_time(hour, minute, half)))
    bound = Phrase("come at {t:time}").match(f"Please come at {form}.")
    assert bound == {"t": f"{hour % 12 + (12 if half == 'p' else 0):02}:{minute:02}"}


@pytest.mark.parametrize(
    ("phrase", "heard", "value"),
    [
        ("number is {x:number}", "My number is 415-55-2671.", "415552671"),
        ("number is {x:number}", "My number is 1-23456789.", "123456789"),
        ("want {x:number}", "I want a dozen, please.", "12"),
        (
            "call {x:number}",
            "Call oh seven seven double oh, nine oh oh, one two three.",
            "07700900123",
        ),
        ("code {x:number}", "The code 007 is secret.", "007"),
        ("rooms {x:number}", "In rooms 2, 3 and 4.", "2"),
        ("rooms {x:number}", "In rooms 12, 13 and 14.", "12"),
        ("it's {x:money}", "It's 50 cents.", "$0.50"),
        ("pay {x:money}", "You pay two and a half million euros.", "€2500000"),
        ("at {x:time}", "Come at 3 o'clock.", "3:00"),
        ("at {x:time}", "Come at noon.", "12:00"),
        ("at {x:time}", "Come at 19:45.", "19:45"),
        ("on {x:date}", "On the third of March.", "March 3"),
        ("on {x:date}", "On March 3rd, 2026.", "2026-03-03"),
        ("on {x:date}", "On 3/4/26 then.", "2026-03-04"),
        ("is {x:email}", "It is john.smith@example.com.", "john.smith@example.com"),
        ("is {x:email}", "It is John dot Smith at example dot com.", "john.smith@example.com"),
        ("code is {x:spelled}", "The code is A-B-C one two.", "ABC12"),
        ("code is {x:spelled}", "The code is ABC12.", "ABC12"),
        ("code is {x:spelled}", "The code is B as in bravo, C, 7.", "BC7"),
    ],
)
def test_a_typed_slot_gives_one_value_behind_every_form(phrase, heard, value):
    assert Phrase(phrase).match(heard) == {"x": value}


@pytest.mark.parametrize(
    ("phrase", "heard"),
    [
        ("at {x:time}", "at 25:00"),
        ("at {x:time}", "at five dollars"),
        ("pay {x:money}", "pay 24 people"),
        ("on {x:date}", "on the March of progress"),
        ("is {x:email}", "it is john at home"),
    ],
)
def test_what_is_no_value_of_its_type_is_not_bound(phrase, heard):
    assert Phrase(phrase).match(heard) is None


@given(st.integers(0, 10**12 - 1))
def test_a_number_that_is_spelled_out_gives_its_figures_back(number):
    words = normalize(str(number))
    found = read_number(words)
    assert (found.figures, found.words) == (str(number), len(words))


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_text_is_too_strange_to_be_compared(left, right):
    assert same_words(left, right) == same_words(right, left)
    assert word_error_rate(left, right) >= 0.0
