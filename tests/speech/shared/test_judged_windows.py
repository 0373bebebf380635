import numpy as np

from soundstage.speech.shared import judged_windows
from soundstage.speech.shared.judged_windows import JudgedWindow, JudgedWindows

START = JudgedWindow(b"", 0.0, np.zeros(1, np.float32))


class DummyModel:
    """Adds up what it reads; counts how often it is asked."""

    def __init__(self):
        self.asked = 0

    def judge(self, model_input, state):
        self.asked += 1
        total = state + model_input.sum()
        return float(total[0]), total


def judged(shared, *windows):
    """The probabilities of a stream of windows that all hold one number."""
    judgement, told = START, []
    for number in windows:
        window = np.full(4, number, np.float32)
        judgement = shared.after(judgement, window, window)
        told.append(judgement.probability)
    return told


def test_streams_that_hear_the_same_are_judged_once():
    model = DummyModel()
    shared = JudgedWindows(model.judge)
    assert judged(shared, 1, 2, 3) == judged(shared, 1, 2, 3) == [4, 12, 24]
    assert model.asked == 3


def test_streams_that_differ_in_one_window_share_nothing_after_it():
    model = DummyModel()
    shared = JudgedWindows(model.judge)
    assert judged(shared, 1, 2, 3) == [4, 12, 24]
    assert judged(shared, 1, 5, 3) == [4, 24, 36]
    assert model.asked == 5


def test_what_was_forgotten_is_judged_again_and_alike(monkeypatch):
    monkeypatch.setattr(judged_windows, "MOST_KEPT", 2)
    model = DummyModel()
    shared = JudgedWindows(model.judge)
    assert judged(shared, 1, 2, 3) == judged(shared, 1, 2, 3)
    assert model.asked == 6
