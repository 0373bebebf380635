"""The confusion matrix of a judge, and whether its answers are better than guessing."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from soundstage.errors import UsageError
from soundstage.expectations.llm_judge.calibration import (
    Calibration,
    Confusion,
    counted,
    read_calibration,
    written_calibration,
)

COUNT = st.integers(0, 40)


def test_answers_are_counted_by_label_and_answer():
    answers = [
        (True, True, True),
        (False, True, True),
        (True, False, True),
        (False, False, True),
        (True, None, True),
        (True, None, False),
    ]

    assert counted(answers) == Confusion(
        true_holds=1, missed=1, false_alarms=1, caught=1, unclear=1, unanswered=1
    )


@given(COUNT, COUNT, COUNT, COUNT)
def test_chance_is_fishers_exact_test(caught, missed, alarms, holds):
    confusion = Confusion(caught=caught, missed=missed, false_alarms=alarms, true_holds=holds)
    expected = fisher_exact([[caught, missed], [alarms, holds]], alternative="greater").pvalue

    assert confusion.chance == pytest.approx(expected, abs=1e-9)


def test_a_perfect_judge_of_sixty_is_useful():
    perfect = Confusion(true_holds=30, caught=30)

    assert perfect.is_useful
    assert (perfect.agreed, perfect.answered) == (60, 60)


@pytest.mark.parametrize("always", [True, False])
def test_a_judge_that_always_says_the_same_is_useless(always):
    labels = [True] * 30 + [False] * 30

    assert not counted((label, always, True) for label in labels).is_useful


def test_a_judge_that_guesses_is_found_useful_as_seldom_as_promised():
    stream = random.Random(1)
    labels = [True] * 30 + [False] * 30

    def guessed() -> Confusion:
        return counted((label, stream.random() < 0.5, True) for label in labels)

    useful = sum(guessed().is_useful for _ in range(2000))
    assert 0 < useful < 0.05 * 2000


def test_a_judge_that_answers_nothing_is_useless():
    assert not Confusion(unclear=30, unanswered=30).is_useful
    assert not Confusion().is_useful


def test_a_calibration_is_read_as_it_was_written(tmp_path):
    path = tmp_path / "polite.json"
    found = Calibration(statement="It was polite.", model="m", confusion=Confusion(caught=3))
    path.write_text(written_calibration(found))

    assert read_calibration(path) == found


def test_a_calibration_is_of_one_statement_one_model_and_one_prompt():
    found = Calibration(statement="It was polite.", model="m", confusion=Confusion())

    assert found.is_of("It was polite.", "m")
    assert not found.is_of("It was rude.", "m")
    assert not found.is_of("It was polite.", "other")
    assert not Calibration(
        statement="It was polite.", model="m", prompt=0, confusion=Confusion()
    ).is_of("It was polite.", "m")


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"version": 99}'])
def test_a_file_that_is_none_is_refused_by_its_name(tmp_path, content):
    path = tmp_path / "polite.json"
    path.write_bytes(content)

    with pytest.raises(UsageError, match=r"polite\.json is no calibration"):
        read_calibration(path)


def test_a_useless_judge_is_called_that():
    found = Calibration(statement="s", model="m", confusion=Confusion(missed=30, true_holds=30))

    assert found.summary == "calibrated on 60 and USELESS: no better than guessing"
