"""How long a bot's callers wait, by sound alone."""

import struct

from soundstage.units import FRAME_SAMPLES, SILENCE
from soundstage_agents.own_bot.answer_gaps import AnswerGaps

LOUD = struct.pack("<h", 5000) * FRAME_SAMPLES
LATE = bytes(FRAME_SAMPLES) + struct.pack("<h", 5000) * (FRAME_SAMPLES // 2)
"""Silent in its first half."""


def measured(asks, says, until=400):
    """The gaps in frames, where the bot hears and is heard in these."""
    gaps = AnswerGaps()
    for frame in range(until):
        pts = frame * FRAME_SAMPLES
        gaps.say(pts, says.get(frame, SILENCE))
        gaps.hear(pts, LOUD if frame in asks else SILENCE)
    gaps.settle()
    return [gap / FRAME_SAMPLES for gap in gaps.gaps]


def frames(begin, end):
    return dict.fromkeys(range(begin, end), LOUD)


def test_the_gap_is_from_the_last_sound_to_the_first_to_the_sample():
    assert measured(range(10, 30), {50: LATE} | frames(51, 80)) == [20.5]


def test_each_answer_has_one_gap_and_pauses_in_it_are_none():
    says = frames(55, 60) | frames(70, 90) | frames(140, 160) | frames(250, 260)
    assert measured({*range(10, 30), *range(100, 120)}, says) == [25.0, 20.0]


def test_what_is_said_into_a_callers_words_is_no_answer():
    assert measured({*range(10, 30), *range(36, 60)}, frames(32, 80)) == []
    assert measured(range(10, 60), frames(0, 80)) == []


def test_a_bot_that_never_answers_has_no_gap_rather_than_a_wrong_one():
    gaps = AnswerGaps()
    gaps.hear(0, LOUD)
    assert gaps.figures() == {"answers": 0}
