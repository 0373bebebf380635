from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundstage.endpoint.replies.streamed_reply import SentenceChunker

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
