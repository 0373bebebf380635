from __future__ import annotations

import pytest
from dummy_run import SECOND, spoken, started, turn, voice

from soundstage.messages import events
from soundstage.results import History
from soundstage.results.turns import gap_before

THREE = {
    "agents": ("alice", "bob", "cleo"),
    "hears": {
        "alice": ("bob", "cleo"),
        "bob": ("alice", "cleo"),
        "cleo": ("alice", "bob"),
    },
}


def gaps(*log, **setting) -> list[float | None]:
    history = History([started(**setting), *log])
    turns = sorted(history.of(events.Turn), key=lambda turn: turn.start)
    found = [gap_before(turn, turns, history) for turn in turns]
    return [None if gap is None else gap / SECOND for gap in found]


def test_the_gap_is_from_what_the_answering_one_heard_to_what_the_other_heard():
    log = [
        *voice("alice", "said", 1.0, 3.0),
        *voice("bob", "heard", 1.2, 3.2),
        turn(1, "alice", 1.0, 3.1, ""),
        *voice("bob", "said", 4.0, 5.0),
        *voice("alice", "heard", 4.3, 5.3),
        turn(2, "bob", 4.0, 5.0, ""),
    ]
    assert gaps(*log) == [None, pytest.approx(4.3 - 3.2)]


def test_an_answer_that_begins_too_early_has_a_gap_below_zero():
    log = [
        *spoken("alice", "bob", 1, 3),
        turn(1, "alice", 1, 3, ""),
        *spoken("bob", "alice", 2.5, 4),
        turn(2, "bob", 2.5, 4, ""),
    ]
    assert gaps(*log) == [None, pytest.approx(-0.49)]


def test_whoever_goes_on_speaking_answers_nobody():
    log = [
        *spoken("alice", "bob", 1, 2),
        turn(1, "alice", 1, 2, ""),
        *spoken("alice", "bob", 4, 5),
        turn(2, "alice", 4, 5, ""),
    ]
    assert gaps(*log) == [None, None]


def test_turns_of_another_conversation_are_not_answered():
    setting = {
        "agents": ("alice", "bob", "cleo", "dora"),
        "hears": {"alice": ("bob",), "bob": ("alice",), "cleo": ("dora",), "dora": ("cleo",)},
    }
    log = [
        *spoken("alice", "bob", 1, 2),
        turn(1, "alice", 1, 2, ""),
        *spoken("cleo", "dora", 1.5, 3),
        turn(2, "cleo", 1.5, 3, ""),
        *spoken("bob", "alice", 3, 4),
        turn(3, "bob", 3, 4, ""),
    ]
    assert gaps(*log, **setting) == [None, None, pytest.approx(1.0)]


def test_a_third_voice_that_hides_the_end_gives_way_to_the_speaker_s_own_track():
    log = [
        *voice("alice", "said", 1, 3),
        turn(1, "alice", 1, 3, ""),
        *voice("cleo", "said", 2.9, 4.5),
        *voice("bob", "heard", 1, 4.5),
        *voice("bob", "said", 4, 5),
        *voice("alice", "heard", 2.9, 5),
        turn(2, "bob", 4, 5, ""),
    ]
    assert gaps(*log, **THREE) == [None, pytest.approx(1.0)]


def test_a_noise_that_never_ends_gives_way_to_the_speakers_own_tracks():
    log = [
        *voice("alice", "heard", 0, None),
        *voice("bob", "heard", 0, None),
        *voice("alice", "said", 1, 3),
        turn(1, "alice", 1, 3, ""),
        *voice("bob", "said", 3.6, 5),
        turn(2, "bob", 3.6, 5, ""),
    ]
    assert gaps(*log) == [None, pytest.approx(0.6)]


def test_where_the_other_does_not_listen_the_first_who_does_counts():
    setting = {**THREE, "hears": {"alice": (), "bob": ("alice",), "cleo": ("bob",)}}
    log = [
        *spoken("alice", "bob", 1, 2),
        turn(1, "alice", 1, 2, ""),
        *voice("bob", "said", 3, 4),
        *voice("cleo", "heard", 3.5, 4.5),
        turn(2, "bob", 3, 4, ""),
    ]
    assert gaps(*log, **setting) == [None, pytest.approx(3.5 - 2.01)]


def test_where_nobody_listens_the_speaker_s_own_track_counts():
    log = [
        *spoken("alice", "bob", 1, 2),
        turn(1, "alice", 1, 2, ""),
        *voice("bob", "said", 3, 4),
        turn(2, "bob", 3, 4, ""),
    ]
    assert gaps(*log, hears={"bob": ("alice",)}) == [None, pytest.approx(3 - 2.01)]


def test_sound_may_arrive_before_its_session_says_that_it_plays():
    log = [
        *spoken("alice", "bob", 1, 2),
        turn(1, "alice", 1, 2, ""),
        *spoken("bob", "alice", 2.9, 4),
        turn(2, "bob", 3, 4, ""),
    ]
    assert gaps(*log) == [None, pytest.approx(2.91 - 2.01)]


def test_a_turn_that_follows_the_speaker_s_last_without_a_pause_begins_when_it_is_played():
    log = [
        *voice("bob", "said", 1, 6),
        *voice("alice", "heard", 1, 6),
        turn(1, "bob", 1, 3, ""),
        *spoken("alice", "bob", 3, 3.3),
        turn(2, "alice", 3, 3.3, ""),
        turn(3, "bob", 4, 6, ""),
    ]
    assert gaps(*log)[2] == pytest.approx(4 - 3.31)


@pytest.mark.parametrize("silent", ["alice", "bob"])
def test_there_is_no_gap_to_or_from_a_turn_that_nobody_could_hear(silent):
    speech = {"alice": spoken("alice", "bob", 1, 2), "bob": spoken("bob", "alice", 3, 4)}
    log = [
        turn(1, "alice", 1, 2, ""),
        turn(2, "bob", 3, 4, ""),
        *(event for agent in speech if agent != silent for event in speech[agent]),
    ]
    assert gaps(*log) == [None, None]


def test_sound_from_before_the_turn_is_not_taken_for_its_end():
    log = [
        *spoken("alice", "bob", 1, 2),
        turn(1, "alice", 10, 11, ""),
        *spoken("bob", "alice", 12, 13),
        turn(2, "bob", 12, 13, ""),
    ]
    assert gaps(*log) == [None, None]
