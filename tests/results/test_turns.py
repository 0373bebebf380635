from __future__ import annotations

import pytest
from dummy_run import call, heard, spoken, started, turn

from soundstage.results import History, turns_of


def test_a_turn_says_who_when_what_and_how_it_was_cut():
    cut = turns_of(History(call()))[1]
    assert (cut.number, cut.agent, cut.start, cut.end) == (2, "bob", 3.7, 6.4)
    assert cut.text == "Long. I spent"
    assert cut.generated == "Long. I spent it *all* on the <new> kitchen."
    assert (cut.interrupted_by, cut.estimated) == ("alice", True)
    assert cut.gap == pytest.approx(3.72 - 3.01)
    assert cut.heard_by == {"alice": "Long I spend"}


def test_turns_come_in_the_order_of_their_beginnings():
    log = [
        started(),
        turn(1, "bob", 3, 4, ""),
        turn(2, "alice", 1, 5, ""),
        turn(3, "bob", 6, 7, ""),
    ]
    assert [found.number for found in turns_of(History(log))] == [2, 1, 3]


def test_what_was_not_recognised_is_empty_for_everybody_who_listens():
    setting = {
        "agents": ("alice", "bob", "cleo"),
        "hears": {"bob": ("alice",), "cleo": ("alice", "bob")},
    }
    log = [started(**setting), turn(1, "alice", 1, 2, "Hi."), turn(2, "bob", 3, 4, "Hello.")]
    [first, second] = turns_of(History(log))
    assert (first.heard_by, second.heard_by) == ({"bob": "", "cleo": ""}, {"cleo": ""})


def test_one_turn_that_was_recognised_in_pieces_is_one():
    log = [
        started(),
        turn(1, "alice", 1, 5, "Well, no."),
        heard("bob", "alice", 1, 2, "Well,"),
        heard("bob", "alice", 4, 5, "no."),
        heard("bob", "alice", 4.5, 5, ""),
    ]
    assert turns_of(History(log))[0].heard_by == {"bob": "Well, no."}


def test_words_belong_to_the_turn_with_which_they_share_most_time():
    log = [
        started(),
        turn(1, "alice", 1, 3, "One."),
        turn(2, "alice", 3.2, 9, "Two."),
        heard("bob", "alice", 2.9, 9, "two"),
    ]
    [first, second] = turns_of(History(log))
    assert (first.heard_by["bob"], second.heard_by["bob"]) == ("", "two")


def test_words_that_came_late_belong_to_the_turn_before_them():
    log = [
        started(),
        turn(1, "alice", 1, 2, "One."),
        turn(2, "alice", 6, 7, "Two."),
        heard("bob", "alice", 2.5, 3, "one"),
    ]
    assert [found.heard_by["bob"] for found in turns_of(History(log))] == ["one", ""]


def test_words_of_a_speaker_who_is_not_known_belong_to_someone_the_listener_hears():
    log = [
        started(),
        *spoken("alice", "bob", 1, 2),
        turn(1, "alice", 1, 2, "Hi."),
        turn(2, "bob", 1, 2, "Hm."),
        heard("bob", "", 1, 2, "hi"),
    ]
    by_agent = {found.agent: found.heard_by for found in turns_of(History(log))}
    assert by_agent == {"alice": {"bob": "hi"}, "bob": {"alice": ""}}


def test_words_before_anyone_spoke_belong_to_no_turn():
    log = [started(), heard("bob", "alice", 0, 1, "noise"), turn(1, "alice", 2, 3, "Hi.")]
    assert turns_of(History(log))[0].heard_by == {"bob": ""}
