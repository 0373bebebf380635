import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundstage.config.values import normalize, word_error_rate


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello, Bob!", "hello bob"),
        ("Don\u2019t say that's all.", "don't say that's all"),
        ("Café Zoë", "cafe zoe"),
        ("twenty-four", "twenty four"),
        ("It was 3:30 p.m. in the U.S.A.", "it was three thirty pm in the usa"),
        ("at 7:05 or 9:00", "at seven oh five or nine"),
        ("48,213 people", "forty eight thousand two hundred thirteen people"),
        ("1,2,3", "one two three"),
        ("-5.25\u00b0", "minus five point two five degrees"),
        ("$24.50", "twenty four dollars and fifty cents"),
        ("$1 and \u00a31.01", "one dollar and one pound and one penny"),
        ("\u20ac3.5", "three point five euros"),
        ("$2.5 million", "two point five million dollars"),
        ("the 3rd, 12th, 20th and 21st", "the third twelfth twentieth and twenty first"),
        ("50% & more", "fifty percent and more"),
        ("X 1234", "x one thousand two hundred thirty four"),
        ("code 007", "code zero zero seven"),
        ("10am", "ten am"),
        ("OK, Mr. Smith", "okay mister smith"),
        ("...", ""),
    ],
)
def test_texts_are_compared_by_their_spoken_words(text, words):
    assert normalize(text) == tuple(words.split())


@given(st.text(max_size=60))
def test_normal_words_are_lower_case_without_figures_or_spaces(text):
    for word in normalize(text):
        assert word == word.lower()
        assert not any(letter.isdigit() and letter.isdecimal() for letter in word)
        assert word.split() == [word]


@given(st.text(max_size=60))
def test_normal_words_are_their_own_normal_form(text):
    words = normalize(text)
    assert normalize(" ".join(words)) == words


@given(st.integers(min_value=0, max_value=10**12 - 1))
def test_grouped_figures_read_like_plain_ones(number):
    assert normalize(f"{number:,}") == normalize(str(number))


def test_the_same_words_have_no_errors_whatever_their_look():
    assert word_error_rate("Half past three, OK?", "half past 3 okay") == 0.0


def test_each_replaced_missing_or_added_word_is_one_error():
    assert word_error_rate("one two three four", "one too three four") == 0.25
    assert word_error_rate("one two three four", "one three four") == 0.25
    assert word_error_rate("one two three four", "one two two three four") == 0.25


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("order one two three four", "order 1234"),
        ("order twelve thirty four", "order 1-2-3-4"),
        ("in nineteen ninety nine", "in 1999"),
        ("in twenty twenty four", "in 2024"),
        ("one hundred five thousand and two", "105,000 and 2"),
        ("zero zero seven", "007"),
        ("one million two thousand three", "1,002,003"),
        ("a hundred thousand thanks", "a hundred thousand thanks"),
    ],
)
def test_a_number_is_right_however_it_was_read(said, written):
    assert word_error_rate(said, written) == 0.0


def test_a_wrong_number_is_no_more_than_its_words():
    assert word_error_rate("platform nine please", "platform 19 please") == pytest.approx(1 / 3)


@given(st.integers(min_value=0, max_value=10**12 - 1))
def test_any_number_is_itself_in_words(number):
    assert word_error_rate(" ".join(normalize(f"it is {number}")), f"it is {number}") == 0.0
    assert word_error_rate(f"it is {number}", f"it is {number + 1}") > 0


def test_words_where_none_belong_are_an_error():
    assert word_error_rate("", "you") == 1.0
    assert word_error_rate("...", "") == 0.0


@given(
    st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=8),
    st.lists(st.sampled_from(["a", "b", "c"]), max_size=8),
)
def test_errors_are_at_least_the_difference_in_length_and_at_most_the_longer_text(left, right):
    errors = word_error_rate(" ".join(left), " ".join(right)) * len(left)
    assert abs(len(left) - len(right)) <= round(errors) <= max(len(left), len(right))
