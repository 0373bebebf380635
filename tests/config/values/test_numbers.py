from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundstage.config.values import normalize
from soundstage.config.values._numbers import NUMBER_PATTERN, number_of


@given(st.integers(0, 10**12 - 1))
def test_a_number_that_is_spelled_out_gives_its_figures_back(number):
    words = normalize(str(number))
    assert number_of(words) == str(number)
    assert re.fullmatch(NUMBER_PATTERN, " ".join(words))


@pytest.mark.parametrize(
    ("spoken", "figures"),
    [
        ("four two", "42"),
        ("zero zero seven", "007"),
        ("one hundred and five", "105"),
        ("two thousand and six", "2006"),
        ("twenty four point five zero", "24.50"),
        ("minus three", "-3"),
        ("nineteen hundred", "1900"),
        ("42", "42"),
        ("2.5", "2.5"),
    ],
)
def test_numbers_as_people_say_them(spoken, figures):
    assert number_of(spoken.split()) == figures


@pytest.mark.parametrize(
    "spoken",
    [
        "",
        "twenty thirty",
        "hundred",
        "one two hundred",
        "thousand",
        "five point",
        "six thousand million",
    ],
)
def test_words_that_are_no_single_number(spoken):
    assert number_of(spoken.split()) is None
