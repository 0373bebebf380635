"""How much of a reply was played, by the words that were recognised."""

from __future__ import annotations

import pytest

from soundstage.transcription import played_part

TEXT = "Our shop is open from 9 to 18 o'clock, on every day but Sunday. We have parking, too."


@pytest.mark.parametrize(
    ("recognised", "played"),
    [
        ("Our shop is open", "Our shop is open"),
        ("our shop is open from nine", "Our shop is open from 9"),
        ("Our shop is opened from 9 to 18 o'clock on", "Our shop is open from 9 to 18 o'clock, on"),
        ("Our shop is open from nine to eighteen o'clock on every day but Sun", None),
        ("Our", "Our"),
        (TEXT, TEXT),
    ],
)
def test_the_beginning_that_fits_best_is_taken_as_it_was_written(
    recognised: str, played: str | None
) -> None:
    expected = TEXT[: TEXT.index("Sunday") - 1] if played is None else played
    assert played_part(TEXT, recognised) == expected


def test_words_that_are_not_the_text_s_are_told_themselves() -> None:
    assert played_part(TEXT, "Please hold the line.") == "Please hold the line."


def test_a_word_that_is_said_twice_is_not_claimed_before_it_was_heard() -> None:
    text = "No, no, no, that is not what I mean."
    assert played_part(text, "No, no") == "No, no,"
