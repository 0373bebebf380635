from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundstage.endpoint.replies import streamed_reply
from soundstage.endpoint.replies.streamed_reply import LONGEST_SENTENCE, SentenceChunker

TEXT = st.text(alphabet="aBr. ?!\n\"'", max_size=60)


def cut(pieces: list[str], *, whole: bool = True) -> list[str]:
    sentences = SentenceChunker(whole=whole)
    found = []
    for piece in pieces:
        ready = sentences.push(piece)
        while ready:
            found.append(ready)
            ready = sentences.push("")
    return [*found, sentences.rest()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It rains. Take a coat! Now?", ["It rains.", " Take a coat!", " Now?"]),
        ('He said "Stop." Then he went.', ['He said "Stop."', " Then he went."]),
        ("Dr. Who met Mr. T. at 3.30 today.", ["Dr. Who met Mr. T. at 3.30 today."]),
        ("One\nTwo", ["One\n", "Two"]),
        ("", [""]),
    ],
)
def test_a_text_is_cut_where_its_sentences_end(text, expected):
    assert cut([text]) == expected


def test_a_sentence_is_handed_on_once_the_next_one_has_begun():
    sentences = SentenceChunker(whole=True)
    assert sentences.push("It rains.") == ""
    assert sentences.push(" ") == ""
    assert sentences.push("T") == "It rains."


def test_a_text_to_be_read_is_cut_between_words():
    assert cut(["He", "llo the", "re, you"], whole=False) == ["Hello", " there,", " you"]


@given(text=TEXT, places=st.lists(st.integers(0, 60)), whole=st.booleans())
def test_how_a_text_comes_changes_nothing(text, places, whole):
    bounds = sorted({0, len(text), *(place for place in places if place < len(text))})
    pieces = [text[a:b] for a, b in itertools.pairwise(bounds)]
    assert "".join(cut(pieces, whole=whole)) == text
    if whole:
        assert cut(pieces) == cut([text])


@pytest.mark.parametrize(
    "text", ["word " * 1000, "Mr. Dr. " * 600, "x" * 5000, "a.\n" + "b" * 3000]
)
def test_a_sentence_without_an_end_is_cut_wherever_its_pieces_were(text):
    whole = cut([text])
    assert "".join(whole) == text
    assert max(map(len, whole)) <= LONGEST_SENTENCE
    for step in (1, 7, 999, 1001):
        assert cut([text[at : at + step] for at in range(0, len(text), step)]) == whole


def test_a_sentence_without_an_end_is_cut_between_its_words():
    first, second, *_ = cut(["word " * 1000])
    assert first.endswith("word")
    assert second.startswith(" word")


def test_a_word_that_comes_does_not_have_all_of_the_text_searched_again(monkeypatch):
    searched = 0
    find = streamed_reply._BOUNDARY.finditer

    class Counted:
        @staticmethod
        def finditer(text, start, end):
            nonlocal searched
            searched += min(len(text), end) - start
            return find(text, start, end)

    monkeypatch.setattr(streamed_reply, "_BOUNDARY", Counted)
    cut(["word "] * 20_000)
    assert searched <= 20_000 * (LONGEST_SENTENCE + 5)
