import pytest
from hibari.tts import Hibari

from soundstage.speech.tts_pronunciation import Phonemizer, assets_folder
from soundstage.speech.tts_text import Piece


@pytest.fixture(scope="module")
def reader():
    return Phonemizer(assets_folder())


@pytest.fixture(scope="module")
def hibari():
    return Hibari(threads=1)


@pytest.mark.parametrize(
    "text",
    [
        "Hello there, this is a test.",
        "Dr. Smith paid $24.50 at 7:30 p.m., didn't he?",
        "The e-mail of J. K. Rowling \N{EM DASH} who knows? \u201cMe!\u201d",
        "Unglaublich xyzzyqua words on the 3rd of March 2024.",
    ],
)
def test_the_model_reads_what_hibari_itself_would_have_it_read(reader, hibari, text):
    sentences = reader.sentences(text)
    wholes = [Piece(tuple(sentence.split()), opens=True, closes=True) for sentence in sentences]
    readings = [reader.read(piece) for piece in wholes]
    wanted = [tuple(hibari.ids(phonemes)) for phonemes in hibari.phonemize(text)]
    assert [reading.symbols for reading in readings] == wanted


def test_each_spoken_word_has_its_symbols(reader, hibari):
    reading = reader.read(Piece(("Hello,", "my", "friend."), opens=True, closes=True))
    sounds = {number: sound for sound, number in hibari.vocab.items()}
    spelled = [
        "".join(sounds[symbol] for symbol in reading.symbols[word.first : word.last])
        for word in reading.words
    ]
    assert [word.text for word in reading.words] == ["Hello,", "my", "friend."]
    assert spelled == ["h\u0259l\u02c8O", "mI", "f\u0279\u02c8\u025bnd"]


def test_a_piece_that_goes_on_ends_with_a_comma(reader):
    words = ("we", "walked", "home")
    open_end = reader.read(Piece(words, opens=True, closes=False))
    comma = reader.read(Piece(("we", "walked", "home,"), opens=True, closes=True))
    assert open_end.symbols == comma.symbols


def test_a_text_of_any_length_is_read_whole(reader):
    assert sum(len(sentence) + 1 for sentence in reader.sentences("Yes. " * 2000)) == 10_000


def test_an_endless_word_is_read_in_part(reader):
    words = ("a" * 500, "b")
    reading = reader.read(Piece(words, opens=True, closes=True))
    assert len(reading.symbols) < 150
    assert len(reading.words) == 2


def test_raised_and_circled_figures_are_read_like_plain_ones(reader):
    odd = reader.read(Piece(("It", "is", "4\u00b2", "or", "\u2463."), opens=True, closes=True))
    plain = reader.read(Piece(("It", "is", "42", "or", "4."), opens=True, closes=True))
    assert odd.symbols == plain.symbols


def test_punctuation_alone_is_silent(reader):
    assert reader.read(Piece(("...", "?!"), opens=True, closes=True)).is_silent
