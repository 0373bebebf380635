from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundstage.spoken_form import read_aloud, same_words

TABLE = tomllib.loads((Path(__file__).parent / "pairs.toml").read_text("utf-8"))
WRITTEN = sorted({written for group, pairs in TABLE["same"].items() for written, _ in pairs})


def aloud(text):
    return " ".join(filter(None, read_aloud(text.split())))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("The code is 007.", "The code is zero zero seven."),
        ("It costs $24.5.", "It costs twenty four dollars and fifty cents."),
        ("That is 24.50 in all.", "That is twenty four point five zero in all."),
        ("Press A now.", "Press eigh now."),
        ("A man.", "A man."),
        ("07700 900123", "zero seven seven zero zero, nine zero zero one two three"),
        ("(415) 555-2671!", "(four one five) five five five, two six seven one!"),
        ("+44 20 7946 0958", "plus four four, two zero, seven nine four six, zero nine five eight"),
        ("john.smith@example.com,", "john dot smith at example dot com,"),
        ("See example.com.", "See example dot com."),
        ("100€", "one hundred euros"),
        ("£1.01", "one pound and one penny"),
        ("$2.5 million, yes", "two point five million dollars, yes"),
        ("6'2\"", "six foot two"),
        ("Call 911.", "Call nine one one."),
        ("Dial 999 now", "Dial nine nine nine now"),
        ("999 people", "nine hundred ninety nine people"),
        ("3:1", "three to one"),
        ("at 9:00", "at nine o'clock"),
        ("at 9:00 a.m.", "at nine a.m."),
        ("10am", "ten A M"),
        ("12:05", "twelve oh five"),
        ("March 3, 1999", "March third, nineteen ninety nine"),
        ("2026-03-03", "march third, twenty twenty six"),
        ("rooms 2, 3 and 4", "rooms two, three and four"),
        ("48,213 people", "forty eight thousand two hundred thirteen people"),
        ("account 48213", "account four eight two one three"),
        ("10000 people", "ten thousand people"),
        ("-5°C", "minus five degrees celsius"),
        ("5-10 people", "five to ten people"),
        ("X1 and 5G", "X one and five G"),
        ("A-B-C", "eigh, B, C"),
        ("No figures here, O'Brien.", "No figures here, O'Brien."),
    ],
)
def test_figures_and_signs_are_read_out_as_a_person_would(written, said):
    assert aloud(written) == said


@pytest.mark.parametrize("written", WRITTEN)
def test_what_is_read_out_says_what_is_written(written):
    said = re.sub(r"\beigh\b", "a", aloud(f"it is {written} today"))
    assert same_words(f"it is {written} today", said)


@given(st.text(max_size=60))
def test_each_written_word_has_its_own_reading(text):
    words = text.split()
    read = read_aloud(words)
    assert len(read) == len(words)
    assert all(
        said == word
        for said, word in zip(read, words, strict=True)
        if word.isalpha() and word != "A"
    )


@given(st.integers(0, 10**9))
def test_a_grouped_number_is_read_out_as_one_number(number):
    assert same_words(aloud(f"{number:,}"), str(number))


@given(st.text("0123456789", min_size=2, max_size=12))
def test_no_figure_of_a_code_is_lost(figures):
    assert same_words(aloud(f"0{figures}"), f"0{figures}")
