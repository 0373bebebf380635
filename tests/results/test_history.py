from __future__ import annotations

from dummy_run import at, call, started, voice

from soundstage.messages.events import Joined, RunEnded
from soundstage.results import EventLog, History, UnknownEvent
from soundstage.results.history import Interval


def test_a_history_knows_how_its_run_began_and_ended():
    history = History(call())
    assert history.started == started()
    assert history.ended == RunEnded(pts=at(12), outcome="ended", reason="turns", exit_code=0)
    assert (history.end, history.agents) == (at(12), ("alice", "bob"))


def test_a_log_that_was_broken_off_ends_with_the_last_that_it_tells():
    history = History([started(), *voice("alice", "said", 1, None), Joined(pts=at(3), agent="bob")])
    assert (history.ended, history.end) == (None, at(3))
    assert history.audible("alice", "said") == (Interval(at(1), at(3)),)


def test_a_log_without_a_beginning_still_names_its_agents():
    history = History(call()[1:])
    assert history.agents == ("alice", "bob")
    assert (history.started.scenario, history.listeners("alice")) == ("", ())


def test_an_empty_log_is_a_run_of_nothing():
    history = History([])
    assert (history.agents, history.end, history.ended) == ((), 0, None)


def test_who_hears_whom_is_known_from_both_ends():
    history = History([started(hears={"bob": ("alice",)})])
    assert history.heard_by("bob") == ("alice",)
    assert history.heard_by("alice") == ()
    assert history.listeners("alice") == ("bob",)


def test_events_of_later_versions_do_not_disturb_it():
    unknown = UnknownEvent(pts=at(20), type="sneezed", fields={"type": "sneezed", "pts": at(20)})
    assert History([*call()[:-1], unknown]).end == at(20)


def test_a_history_is_read_from_its_log(tmp_path):
    log = EventLog.open(tmp_path / "events.jsonl")
    for event in call():
        log.write(event)
    log.close()
    assert History.read(tmp_path / "events.jsonl").events == tuple(call())
