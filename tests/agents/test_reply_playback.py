"""What a peer is playing."""

from __future__ import annotations

from soundstage.messages.events import AgentSpeechStarted, AgentSpeechStopped, Interrupted, Turn
from soundstage.units import FRAME_SAMPLES
from soundstage_agents._reply_playback import DRAINED, ReplyPlayback


def playing(frames: int) -> tuple[ReplyPlayback, int]:
    playback = ReplyPlayback("bob")
    playback.generated("r", "one two three four five six seven eight")
    playback.began("r")
    for number in range(frames):
        playback.frame(number * FRAME_SAMPLES, audible=True)
    return playback, frames * FRAME_SAMPLES


def test_an_utterance_starts_with_its_first_audible_frame() -> None:
    playback = ReplyPlayback("bob")
    playback.began("r")
    assert playback.frame(0, audible=False) == []
    assert playback.frame(480, audible=True) == [
        AgentSpeechStarted(pts=480, agent="bob", response="r")
    ]


def test_what_comes_after_the_end_was_told_still_belongs_to_the_turn() -> None:
    playback, pts = playing(3)
    playback.stopped("r")
    playback.frame(pts, audible=True)
    made = [
        event
        for number in range(1, DRAINED + 3)
        for event in playback.frame(pts + number * FRAME_SAMPLES, audible=False)
    ]
    stopped, turn = made
    assert isinstance(stopped, AgentSpeechStopped)
    assert isinstance(turn, Turn)
    assert (turn.start, turn.end) == (0, pts + FRAME_SAMPLES)
    assert turn.said == turn.generated


def test_a_cut_turn_has_said_what_the_far_end_says_was_heard() -> None:
    playback, pts = playing(10)
    stopped, interrupted = playback.cleared("r", pts, "alice")
    assert isinstance(stopped, AgentSpeechStopped)
    assert stopped.cut
    assert interrupted == Interrupted(pts=pts, agent="bob", by="alice", response="r")
    [turn] = playback.truncated(pts, "one two")
    assert isinstance(turn, Turn)
    assert (turn.said, turn.cut_by, turn.estimated) == ("one two", "alice", False)


def test_where_the_far_end_does_not_say_what_was_heard_it_is_estimated() -> None:
    playback, pts = playing(50)
    playback.cleared("r", pts, "alice")
    [turn] = playback.truncated(pts, None)
    assert isinstance(turn, Turn)
    assert (turn.said, turn.estimated) == ("one two", True)


def test_a_reply_of_which_nothing_was_played_is_no_turn() -> None:
    playback = ReplyPlayback("bob")
    playback.began("r")
    assert playback.cleared("r", 0, "alice") == []
    assert playback.truncated(0, "") == []
