"""The gate between what comes and what may be heard."""

from __future__ import annotations

from soundstage.realtime.client.playback_gate import PlaybackGate


def playing(response="resp_1") -> PlaybackGate:
    playback = PlaybackGate()
    playback.started(response)
    return playback


def test_nothing_may_be_heard_before_a_response_plays():
    assert not PlaybackGate().gate_open


def test_the_gate_stays_open_for_the_tail_when_playback_stops():
    playback = playing()
    assert playback.stopped("resp_1")
    assert (playback.playing, playback.gate_open) == (None, True)


def test_the_gate_closes_when_playback_is_cleared():
    playback = playing()
    assert playback.cleared("resp_1")
    assert (playback.playing, playback.gate_open) == (None, False)
    assert playback.is_stale("resp_1")


def test_a_response_that_was_cleared_cannot_start_again():
    playback = playing()
    playback.cleared("resp_1")
    assert not playback.started("resp_1")
    assert not playback.gate_open


def test_clearing_a_response_that_waits_leaves_the_one_that_plays_alone():
    playback = playing("resp_1")
    assert playback.cleared("resp_2")
    assert (playback.playing, playback.gate_open) == ("resp_1", True)


def test_a_start_is_told_once_and_opens_the_gate_each_time():
    playback = playing()
    playback.close_gate()
    assert not playback.started("resp_1")
    assert playback.gate_open


def test_a_stop_is_told_of_the_response_that_plays_only():
    playback = playing("resp_1")
    assert not playback.stopped("resp_2")
    assert playback.playing == "resp_1"


def test_a_response_that_is_dropped_may_not_be_heard():
    playback = playing()
    playback.drop("resp_1")
    assert not playback.gate_open
    assert playback.cleared("resp_1")
    assert not playback.cleared("resp_1")


def test_a_response_that_was_dropped_before_it_began_closes_the_gate_that_its_predecessor_left():
    playback = playing("resp_1")
    playback.stopped("resp_1")
    playback.drop("resp_2")
    assert playback.gate_open
    assert not playback.started("resp_2")
    assert not playback.gate_open
