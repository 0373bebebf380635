from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundstage.realtime.spoken_text import SpokenText


def spoken(text: str, words: list[tuple[str, int, int]], samples: int) -> SpokenText:
    result = SpokenText(text)
    result.add(words, samples, text)
    result.complete = True
    return result


HELLO = [
    ("hello", 0, 100),
    ("bob", 120, 200),
    ("how", 260, 300),
    ("are", 300, 350),
    ("you", 350, 400),
]


@pytest.mark.parametrize(
    ("played", "text"),
    [
        (0, ""),
        (50, ""),
        (51, "Hello,"),
        (160, "Hello,"),
        (161, "Hello,  Bob!"),
        (399, "Hello,  Bob! How are you?"),
        (430, "Hello,  Bob! How are you?"),
    ],
)
def test_a_word_is_heard_when_more_than_half_of_it_was_played(played, text):
    assert spoken("Hello,  Bob! How are you?", HELLO, 430).until(played) == text


def test_a_number_that_is_spoken_as_a_word_does_not_upset_the_words_around_it():
    words = [("at", 0, 10), ("ten", 10, 20), ("then", 20, 30), ("bye", 30, 40)]
    text = spoken("At 10 then. Bye", words, 50)
    assert text.until(20) == "At"
    assert text.until(28) == "At 10 then."
    assert text.until(50) == "At 10 then. Bye"


def test_without_timings_a_text_is_cut_in_proportion():
    text = spoken("one two three four", [], 400)
    assert text.until(260) == "one two three"
    assert text.until(240) == "one two"
    assert text.until(0) == ""


def test_without_timings_each_part_is_cut_in_its_own_proportion():
    text = SpokenText("One two. Three four.")
    text.add([], 200, "One two.")
    assert text.until(200) == "One two."
    text.add([], 1000, "Three four.")
    assert text.until(500) == "One two. Three"


def test_before_any_audio_nothing_was_heard():
    assert SpokenText("one two").until(100) == ""


def test_playing_all_audio_so_far_is_not_hearing_the_whole_text():
    text = SpokenText("Hello Bob.")
    text.add([("Hello", 0, 100)], 120)
    assert text.until(120) == "Hello"


def test_words_of_later_parts_follow_those_of_earlier_ones():
    text = SpokenText("Yes. Yes.")
    text.add([("Yes", 0, 100)], 120)
    text.add([("Yes", 130, 200)], 100)
    assert text.until(110) == "Yes."
    assert text.until(190) == "Yes. Yes."


@given(
    st.text(alphabet="ab 1.,'", max_size=40),
    st.lists(
        st.tuples(st.text("ab1", max_size=3), st.integers(0, 50), st.integers(0, 50)), max_size=12
    ),
    st.integers(0, 800),
)
def test_what_was_heard_is_a_beginning_of_the_text(text, lengths, played):
    at, words = 0, []
    for word, gap, length in lengths:
        words.append((word, at + gap, at + gap + length))
        at += gap + length
    heard = spoken(text, words, at)
    assert text.startswith(heard.until(played))
    assert len(heard.until(played)) <= len(heard.until(played + 1))


@given(st.lists(st.text(alphabet="ab .\n", max_size=6), max_size=8))
def test_a_text_that_comes_in_pieces_is_the_text_that_comes_at_once(pieces):
    grown = SpokenText("")
    for piece in pieces:
        grown.extend(piece)
    whole = SpokenText("".join(pieces))
    for text in (grown, whole):
        text.add([], 4800, "".join(pieces))

    assert [grown.until(at) for at in range(0, 4800, 100)] == [
        whole.until(at) for at in range(0, 4800, 100)
    ]
