from hypothesis import given
from hypothesis import strategies as st

from soundstage.speech.tts_text import FIRST_LIMIT, LATER_LIMIT, TEXT_LIMIT, blocks, cut_text

words = st.text("ab,", min_size=1, max_size=30)
sentences = st.lists(st.lists(words, min_size=1, max_size=40).map(" ".join), max_size=4)


@given(sentences)
def test_pieces_joined_are_the_text(sentences):
    pieces = list(cut_text(sentences))
    assert " ".join(word for piece in pieces for word in piece.words) == " ".join(sentences)
    assert sum(piece.opens for piece in pieces) == len(sentences)
    assert sum(piece.closes for piece in pieces) == len(sentences)


@given(sentences)
def test_no_piece_is_longer_than_its_limit(sentences):
    for number, piece in enumerate(cut_text(sentences)):
        assert len(" ".join(piece.words)) <= (LATER_LIMIT if number else FIRST_LIMIT)


def first_piece(sentence):
    return " ".join(next(cut_text([sentence])).words)


def test_a_sentence_that_fits_is_not_cut():
    sentence = "word, " * 11 + "end."
    assert first_piece(sentence) == sentence


def test_a_long_one_is_cut_at_the_last_comma_that_fits():
    assert first_piece("one two three four five six seven, eight nine, " + "ten " * 30).endswith(
        "nine,"
    )


def test_a_comma_near_the_start_is_passed_over():
    assert len(first_piece("Well, " + "word " * 40)) > FIRST_LIMIT / 2


def test_without_a_comma_it_is_cut_before_a_conjunction():
    sentence = "we walked along the river every morning and " + "then " * 3 + "talked " * 20
    assert first_piece(sentence.replace("then ", "we ")).endswith("every morning")


def test_a_text_beyond_the_limit_is_read_in_blocks_cut_between_words():
    text = "four " * TEXT_LIMIT
    read = list(blocks(text))
    assert max(map(len, read)) <= TEXT_LIMIT
    assert " ".join(read).split() == text.split()
    assert "".join(blocks("a" * 2 * TEXT_LIMIT)) == "a" * 2 * TEXT_LIMIT
    assert list(blocks("short")) == ["short"]


def test_a_block_ends_with_a_sentence_where_it_can():
    first, second = blocks("One two. " * (TEXT_LIMIT // 9) + "Three four five six seven eight.")
    assert first.endswith("One two.")
    assert second == "Three four five six seven eight."
