from hypothesis import given
from hypothesis import strategies as st

from soundstage.speech.tts_pronunciation import Phonemes, SpokenWord, spans_of_words


def phonemes_of(*words):
    """Each word has one sound and a pause behind it."""
    spoken = tuple(
        SpokenWord(word, 1 + 2 * place, 2 + 2 * place) for place, word in enumerate(words)
    )
    return Phonemes(tuple(range(2 * len(words) + 2)), spoken)


def lengths_of(phonemes):
    return [1.0] * len(phonemes.symbols)


def test_the_same_words_have_the_times_of_their_sounds():
    phonemes = phonemes_of("good", "day")
    assert spans_of_words(["good", "day"], phonemes, [5, 2, 3, 4, 1, 1]) == [(5, 7), (10, 14)]


def test_a_word_read_as_several_has_the_time_of_all():
    phonemes = phonemes_of("at", "seven", "thirty", "sharp")
    spans = spans_of_words(["at", "7:30", "sharp"], phonemes, lengths_of(phonemes))
    assert spans == [(1, 2), (3, 6), (7, 8)]


def test_words_read_as_one_share_its_time_by_their_letters():
    phonemes = phonemes_of("the", "number")
    spans = spans_of_words(["the", "No", "twelfe"], phonemes, [1, 1, 1, 8, 1, 1])
    assert spans == [(1, 2), (3, 5), (5, 11)]


def test_a_word_that_is_not_said_is_a_moment_between_its_neighbours():
    phonemes = phonemes_of("good", "day")
    spans = spans_of_words(["good", "\N{GRINNING FACE}", "day"], phonemes, lengths_of(phonemes))
    assert spans == [(1, 2), (2, 2), (3, 4)]


words = st.lists(st.sampled_from(["a", "bb", "ccc", "7"]), max_size=6)


@given(words, words)
def test_times_are_in_order_and_within_the_sound(written, read):
    phonemes = phonemes_of(*read)
    spans = spans_of_words(written, phonemes, lengths_of(phonemes))
    assert len(spans) == len(written)
    moments = [moment for span in spans for moment in span]
    assert moments == sorted(moments)
    assert all(0 <= moment <= len(phonemes.symbols) for moment in moments)
