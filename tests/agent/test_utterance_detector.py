"""How an agent of one's own cuts what it hears into utterances."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundstage.agent import SpeakerTracker
from soundstage.agent.utterance_detector import Utterance, UtteranceDetector
from soundstage.messages import Frame
from soundstage.units import FRAME_SAMPLES, SILENCE, samples_of_ms

WORD = bytes(range(1, 241)) * 4
PREFIX, PAUSE = samples_of_ms(300), samples_of_ms(500)


class DummyActivity:
    """Finds speech in every frame that is not silent, `lag` samples too late."""

    def __init__(self, lag: int) -> None:
        self.lag = lag
        self._late = [0.0] * (lag // FRAME_SAMPLES)

    def hear(self, pcm: bytes) -> float:
        self._late.append(0.0 if pcm == SILENCE else 1.0)
        return self._late.pop(0)

    def reset(self) -> None:
        """Nothing to forget."""


def utterances(lag: int) -> list[Utterance]:
    """What is cut out of a second of silence, half a second of speech, a second of silence."""
    detector, found = UtteranceDetector(DummyActivity(lag)), []
    for number in range(125):
        pcm = WORD if 50 <= number < 75 else SILENCE
        utterance = detector.hear(Frame("x", number * FRAME_SAMPLES, pcm, speakers=("bob",)))
        found += [utterance] if isinstance(utterance, Utterance) else []
    return found


@pytest.mark.parametrize("frames_of_lag", [0, 1, 3])
def test_an_utterance_stands_where_it_was_heard_however_late_it_is_judged(
    frames_of_lag: int,
) -> None:
    [utterance] = utterances(frames_of_lag * FRAME_SAMPLES)
    assert utterance.start == 50 * FRAME_SAMPLES - PREFIX
    assert utterance.end == 75 * FRAME_SAMPLES
    assert utterance.speaker == "bob"
    assert utterance.pcm.count(WORD) == 25


@pytest.mark.parametrize("frames_of_lag", [0, 1, 3])
def test_a_turn_that_follows_at_once_has_the_same_sound_as_one_after_a_long_silence(
    frames_of_lag: int,
) -> None:
    detector, found = UtteranceDetector(DummyActivity(frames_of_lag * FRAME_SAMPLES)), []
    spoken = {*range(50, 75), *range(105, 130)}
    for number in range(170):
        pcm = WORD if number in spoken else SILENCE
        utterance = detector.hear(Frame("x", number * FRAME_SAMPLES, pcm, speakers=("bob",)))
        found += [utterance] if isinstance(utterance, Utterance) else []
    first, second = found
    assert first.pcm == second.pcm == bytes(PREFIX * 2) + WORD * 25 + bytes(samples_of_ms(400))


AUDIBLE = st.sampled_from([((), ()), (("a",), ()), (("b", "a"), ()), (("b", "a"), ("a",))])


@given(
    frames=st.lists(st.tuples(st.sampled_from([0, 0, 0, 480, 7]), AUDIBLE), max_size=60),
    start=st.integers(-500, 25_000),
    length=st.integers(0, 25_000),
)
def test_the_speaker_of_a_stretch_is_whose_voice_was_loudest_in_most_of_its_frames(
    frames, start, length
) -> None:
    tracker, pts = SpeakerTracker(), 0
    voices: Counter[str] = Counter()
    names: Counter[str] = Counter()
    for gap, (speakers, found) in frames:
        pts += gap
        tracker.note(pts, speakers, found)
        if speakers and start <= pts < start + length:
            name = (found or speakers)[0]
            names[name] += 1
            voices[name] += bool(found)
        pts += FRAME_SAMPLES
    most = (+voices or names).most_common(1)
    assert tracker.who(start, start + length) == (most[0][0] if most else "")


def test_two_minutes_of_frames_are_remembered_of_one_who_speaks_on_and_of_two_by_turns() -> None:
    for names in (("a",), ("a", "b")):
        tracker = SpeakerTracker()
        for number in range(10_000):
            name = names[number % len(names)]
            tracker.note(number * FRAME_SAMPLES, (name,))
        assert tracker.who(4_001 * FRAME_SAMPLES, 4_002 * FRAME_SAMPLES)
    assert tracker.who(0, 3_990 * FRAME_SAMPLES) == ""
