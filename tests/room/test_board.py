from __future__ import annotations

import numpy as np
import pytest

from soundstage.messages import Frame
from soundstage.room._board import AHEAD, GONE_QUIET, PATIENCE, Board
from soundstage.units import FRAME_BYTES, FRAME_SAMPLES, SILENCE

SOUND = b"\1\0" * FRAME_SAMPLES


@pytest.fixture
def board() -> Board:
    board = Board(("a", "b"))
    board.join("a")
    board.join("b")
    return board


def put(board, name, tick, pcm=SOUND, epoch=0):
    board.put(Frame(name, tick * FRAME_SAMPLES, pcm, epoch))


def pop(board):
    return ["silence" if pcm is SILENCE else "sound" for pcm in board.pop()]


def test_a_tick_is_complete_when_everybody_has_sent(board):
    assert board.complete() is None
    put(board, "a", 0)
    assert board.complete() is None
    put(board, "b", 0, SILENCE)
    assert board.complete() == 0
    assert pop(board) == ["sound", "silence"]
    assert board.complete() is None


def test_frames_that_came_early_wait_for_their_tick(board):
    put(board, "a", 1)
    put(board, "b", 1)
    put(board, "a", 0)
    put(board, "b", 0)
    pop(board)
    assert board.complete() == FRAME_SAMPLES


def test_a_member_that_stops_sending_is_silent_and_soon_not_waited_for(board):
    for tick in range(PATIENCE):
        put(board, "a", tick)
        assert board.complete() is None
        assert pop(board) == ["sound", "silence"]
    put(board, "a", PATIENCE)
    assert board.complete() is not None
    assert board.counts["b"].missing == PATIENCE
    assert board.counts["a"].missing == 0


def test_it_is_told_once_when_nothing_has_come_for_a_second(board):
    for tick in range(2 * GONE_QUIET):
        put(board, "a", tick)
        board.pop()
    assert [(c.member, c.code) for c in board.complaints()] == [("b", "frames_missing")]
    assert board.complaints() == []


def test_a_member_that_sends_again_is_waited_for_again(board):
    for tick in range(PATIENCE):
        put(board, "a", tick)
        board.pop()
    put(board, "b", PATIENCE)
    board.pop()
    put(board, "a", PATIENCE + 1)
    assert board.complete() is None


def test_a_late_frame_is_counted_and_not_heard(board):
    put(board, "a", 0)
    board.pop()
    put(board, "b", 0)
    assert (board.counts["b"].missing, board.counts["b"].late) == (1, 1)
    assert pop(board) == ["silence", "silence"]


def test_of_two_frames_for_one_tick_the_first_counts(board):
    put(board, "a", 0)
    put(board, "a", 0, SILENCE)
    assert pop(board)[0] == "sound"
    assert board.counts["a"].dropped == 1
    assert [c.code for c in board.complaints()] == ["frames_twice"]


def test_a_member_that_runs_ahead_keeps_no_more_than_a_second_waiting(board):
    for tick in range(10 * AHEAD // FRAME_SAMPLES):
        put(board, "a", tick)
    assert len(board._frames) == AHEAD // FRAME_SAMPLES + 1
    assert board.counts["a"].dropped == 9 * AHEAD // FRAME_SAMPLES - 1
    assert [c.code for c in board.complaints()] == ["frames_astray"]


def test_a_frame_between_two_ticks_is_no_frame(board):
    board.put(Frame("a", 7, SOUND))
    assert board._frames == {}
    assert board.counts["a"].dropped == 1


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
def test_what_is_no_frame_is_silence_and_told_once(board, pcm):
    put(board, "a", 0, pcm)
    put(board, "a", 1, pcm)
    put(board, "b", 0)
    assert board.complete() == 0
    assert pop(board) == ["silence", "sound"]
    assert board.counts["a"].wrong == 2
    [complaint] = board.complaints()
    assert complaint.code == "frames_wrong"
    assert "a frame is 960 bytes" in complaint.message


def test_a_stranger_and_one_who_has_left_are_not_heard(board):
    put(board, "stranger", 0)
    board.leave("b")
    put(board, "b", 0)
    put(board, "a", 0)
    assert board.complete() == 0
    assert pop(board) == ["sound", "silence"]
    assert board.counts["b"].missing == 0


def test_what_was_sent_before_leaving_is_still_heard(board):
    put(board, "b", 0)
    board.leave("b")
    put(board, "a", 0)
    assert pop(board) == ["sound", "sound"]


def test_frames_of_an_older_epoch_are_dropped_those_that_wait_too(board):
    put(board, "a", 0)
    board.raise_epoch("a", 1, 0)
    put(board, "a", 1, epoch=0)
    put(board, "a", 1, epoch=1)
    assert board.counts["a"].dropped == 2
    assert pop(board)[0] == "silence"
    assert pop(board)[0] == "sound"


def test_what_had_left_the_member_when_it_was_cut_was_said(board):
    put(board, "a", 0)
    board.raise_epoch("a", 1, 2 * FRAME_SAMPLES)
    put(board, "a", 1, epoch=0)
    put(board, "a", 2, epoch=0)
    assert [pop(board)[0] for _ in range(3)] == ["sound", "sound", "silence"]
