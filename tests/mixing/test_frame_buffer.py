from __future__ import annotations

import numpy as np
import pytest

from soundstage.messages import Frame
from soundstage.mixing.frame_buffer import AHEAD, GONE_QUIET, PATIENCE, FrameBuffer
from soundstage.units import FRAME_BYTES, FRAME_SAMPLES, SILENCE

SOUND = b"\1\0" * FRAME_SAMPLES


@pytest.fixture
def buffer() -> FrameBuffer:
    buffer = FrameBuffer(("a", "b"))
    buffer.join("a")
    buffer.join("b")
    return buffer


def put(buffer, name, tick, pcm=SOUND, epoch=0):
    buffer.put(Frame(name, tick * FRAME_SAMPLES, pcm, epoch))


def pop(buffer):
    return ["silence" if pcm is SILENCE else "sound" for pcm in buffer.pop()]


def test_a_tick_is_complete_when_each_member_has_sent(buffer):
    assert buffer.complete() is None
    put(buffer, "a", 0)
    assert buffer.complete() is None
    put(buffer, "b", 0, SILENCE)
    assert buffer.complete() == 0
    assert pop(buffer) == ["sound", "silence"]
    assert buffer.complete() is None


def test_frames_that_came_early_wait_for_their_tick(buffer):
    put(buffer, "a", 1)
    put(buffer, "b", 1)
    put(buffer, "a", 0)
    put(buffer, "b", 0)
    pop(buffer)
    assert buffer.complete() == FRAME_SAMPLES


def test_a_member_that_stops_sending_is_silent_and_soon_not_waited_for(buffer):
    for tick in range(PATIENCE):
        put(buffer, "a", tick)
        assert buffer.complete() is None
        assert pop(buffer) == ["sound", "silence"]
    put(buffer, "a", PATIENCE)
    assert buffer.complete() is not None
    assert buffer.counts["b"].missing == PATIENCE
    assert buffer.counts["a"].missing == 0


def test_it_is_told_once_when_nothing_has_come_for_a_second(buffer):
    for tick in range(2 * GONE_QUIET):
        put(buffer, "a", tick)
        buffer.pop()
    assert [(c.member, c.code) for c in buffer.problems()] == [("b", "frames_missing")]
    assert buffer.problems() == []


def test_a_member_that_sends_again_is_waited_for_again(buffer):
    for tick in range(PATIENCE):
        put(buffer, "a", tick)
        buffer.pop()
    put(buffer, "b", PATIENCE)
    buffer.pop()
    put(buffer, "a", PATIENCE + 1)
    assert buffer.complete() is None


def test_a_late_frame_is_counted_and_not_heard(buffer):
    put(buffer, "a", 0)
    buffer.pop()
    put(buffer, "b", 0)
    assert (buffer.counts["b"].missing, buffer.counts["b"].late) == (1, 1)
    assert pop(buffer) == ["silence", "silence"]


def test_of_two_frames_for_one_tick_the_first_counts(buffer):
    put(buffer, "a", 0)
    put(buffer, "a", 0, SILENCE)
    assert pop(buffer)[0] == "sound"
    assert buffer.counts["a"].dropped == 1
    assert [c.code for c in buffer.problems()] == ["frames_twice"]


def test_a_member_that_runs_ahead_keeps_no_more_than_a_second_waiting(buffer):
    for tick in range(10 * AHEAD // FRAME_SAMPLES):
        put(buffer, "a", tick)
    assert len(buffer._frames) == AHEAD // FRAME_SAMPLES + 1
    assert buffer.counts["a"].dropped == 9 * AHEAD // FRAME_SAMPLES - 1
    assert [c.code for c in buffer.problems()] == ["frames_astray"]


def test_a_frame_between_two_ticks_is_no_frame(buffer):
    buffer.put(Frame("a", 7, SOUND))
    assert buffer._frames == {}
    assert buffer.counts["a"].dropped == 1


@pytest.mark.parametrize(
    "pcm",
    [
        b"",
        SOUND[:-1],
        SOUND * 2,
        bytearray(FRAME_BYTES),
        None,
        "x" * FRAME_BYTES,
        np.full(FRAME_BYTES, np.nan),
    ],
)
def test_what_is_no_frame_is_silence_and_told_once(buffer, pcm):
    put(buffer, "a", 0, pcm)
    put(buffer, "a", 1, pcm)
    put(buffer, "b", 0)
    assert buffer.complete() == 0
    assert pop(buffer) == ["silence", "sound"]
    assert buffer.counts["a"].wrong == 2
    [problem] = buffer.problems()
    assert problem.code == "frames_wrong"
    assert "a frame is 960 bytes" in problem.message


def test_a_stranger_and_one_who_has_left_are_not_heard(buffer):
    put(buffer, "stranger", 0)
    buffer.leave("b")
    put(buffer, "b", 0)
    put(buffer, "a", 0)
    assert buffer.complete() == 0
    assert pop(buffer) == ["sound", "silence"]
    assert buffer.counts["b"].missing == 0


def test_what_was_sent_before_leaving_is_still_heard(buffer):
    put(buffer, "b", 0)
    buffer.leave("b")
    put(buffer, "a", 0)
    assert pop(buffer) == ["sound", "sound"]


def test_frames_of_an_older_epoch_are_dropped_those_that_wait_too(buffer):
    put(buffer, "a", 0)
    buffer.raise_epoch("a", 1, 0)
    put(buffer, "a", 1, epoch=0)
    put(buffer, "a", 1, epoch=1)
    assert buffer.counts["a"].dropped == 2
    assert pop(buffer)[0] == "silence"
    assert pop(buffer)[0] == "sound"


def test_what_had_left_the_member_when_it_was_cut_was_said(buffer):
    put(buffer, "a", 0)
    buffer.raise_epoch("a", 1, 2 * FRAME_SAMPLES)
    put(buffer, "a", 1, epoch=0)
    put(buffer, "a", 2, epoch=0)
    assert [pop(buffer)[0] for _ in range(3)] == ["sound", "sound", "silence"]
