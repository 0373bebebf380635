from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundstage.realtime.turn_detector import (
    TurnDetector,
    TurnEnded,
    TurnPaused,
    TurnResumed,
    TurnSettings,
    TurnStarted,
)
from soundstage.units import FRAME_SAMPLES, samples_of_ms


def heard(detector: TurnDetector, probabilities: list[float], start: int = 0) -> list[object]:
    """Changes of a stream of frames, each with the number of the frame that brought it."""
    changes = []
    for number, probability in enumerate(probabilities, start=start):
        change = detector.hear(probability, (number + 1) * FRAME_SAMPLES)
        if change is not None:
            changes.append((number, change))
    return changes


def test_a_turn_starts_at_its_first_frame_of_speech_less_the_prefix():
    changes = heard(TurnDetector(TurnSettings()), [0.0] * 50 + [0.9])
    assert changes == [(50, TurnStarted(samples_of_ms(1000 - 300)))]


def test_the_prefix_does_not_reach_before_the_session():
    assert heard(TurnDetector(TurnSettings()), [0.9]) == [(0, TurnStarted(0))]


def test_a_turn_ends_after_the_silence_that_is_set_and_the_end_includes_it():
    detector = TurnDetector(TurnSettings(silence=samples_of_ms(500)))
    changes = heard(detector, [0.9] * 10 + [0.0] * 30)
    assert changes[-1] == (34, TurnEnded(samples_of_ms(700)))
    assert not detector.speaking


def test_a_pause_is_told_once_before_the_turn_ends():
    changes = heard(TurnDetector(TurnSettings()), [0.9] * 10 + [0.0] * 24)
    assert changes[1:] == [(19, TurnPaused())]


def test_speech_after_a_pause_resumes_the_turn_and_the_silence_counts_anew():
    changes = heard(TurnDetector(TurnSettings()), [0.9] * 5 + [0.0] * 12 + [0.9] + [0.0] * 25)
    assert [type(change) for _, change in changes] == [
        TurnStarted,
        TurnPaused,
        TurnResumed,
        TurnPaused,
        TurnEnded,
    ]
    assert changes[-1][0] == 5 + 12 + 1 + 24


def test_speech_after_a_gap_shorter_than_a_pause_changes_nothing():
    assert len(heard(TurnDetector(TurnSettings()), [0.9] * 5 + [0.0] * 9 + [0.9] * 5)) == 1


def test_a_silence_as_short_as_a_pause_ends_the_turn_without_one():
    changes = heard(TurnDetector(TurnSettings(silence=samples_of_ms(200))), [0.9] + [0.0] * 10)
    assert [type(change) for _, change in changes] == [TurnStarted, TurnEnded]


def test_a_frame_a_little_below_the_threshold_does_not_begin_a_silence():
    detector = TurnDetector(TurnSettings(threshold=0.5))
    assert len(heard(detector, [0.5] + [0.36] * 100)) == 1
    assert detector.speaking


def test_a_frame_a_little_below_the_threshold_does_not_break_a_silence():
    changes = heard(TurnDetector(TurnSettings()), [0.9] + [0.0] + [0.4] * 24)
    assert isinstance(changes[-1][1], TurnEnded)


def test_a_frame_below_the_threshold_does_not_begin_a_turn():
    assert heard(TurnDetector(TurnSettings(threshold=0.8)), [0.79] * 20) == []


def test_a_silent_turn_can_be_ended_early():
    detector = TurnDetector(TurnSettings(silence=samples_of_ms(4000), semantic=True))
    heard(detector, [0.9] * 10 + [0.0] * 15)
    assert detector.end(samples_of_ms(500)) == TurnEnded(samples_of_ms(500))
    assert detector.end(samples_of_ms(520)) is None


def test_a_turn_whose_speaker_goes_on_cannot_be_ended_early():
    detector = TurnDetector(TurnSettings())
    heard(detector, [0.9] * 10)
    assert detector.end(samples_of_ms(500)) is None
    assert detector.speaking


@given(
    st.lists(st.floats(0, 1), max_size=300),
    st.sampled_from([0.3, 0.5, 0.9]),
    st.sampled_from([20, 200, 500]),
)
def test_turns_begin_and_end_in_turn_and_never_overlap(probabilities, threshold, silence):
    detector = TurnDetector(TurnSettings(threshold=threshold, silence=samples_of_ms(silence)))
    changes = heard(detector, probabilities)
    bounds = [change for _, change in changes if isinstance(change, TurnStarted | TurnEnded)]
    kinds = [type(change) for change in bounds]
    assert kinds == [TurnStarted, TurnEnded] * (len(kinds) // 2) + [TurnStarted] * (len(kinds) % 2)
    for began, ended in zip(bounds[::2], bounds[1::2], strict=False):
        assert ended.end - began.start >= samples_of_ms(silence)


@pytest.mark.parametrize("frames", [10, 11, 24])
def test_a_pause_comes_after_200_ms_however_long_the_turn_was(frames):
    changes = heard(TurnDetector(TurnSettings()), [1.0] * frames + [0.0] * 10)
    assert changes[-1] == (frames + 9, TurnPaused())
