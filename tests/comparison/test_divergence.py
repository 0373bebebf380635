"""Two logs differ first where something else was said or done, whatever their ids are."""

from __future__ import annotations

import pytest
from dummy_run import at, call, heard, spoken, started, turn, voice
from msgspec.structs import replace

from soundstage.comparison import first_divergence
from soundstage.messages.events import (
    Event,
    Fault,
    Listening,
    ResponseDone,
    ResponseStarted,
    RunEnded,
    Saying,
    Warned,
    Wire,
)


def log(*, words: str = "I am sorry.", ids: str = "a", shift: float = 0.0) -> list[Event]:
    one = {"agent": "bob", "response": f"resp_{ids * 21}"}
    return [
        started(),
        *spoken("alice", "bob", 1, 2),
        turn(1, "alice", 1, 2, "Where is it?", response=f"resp_{ids * 20}x"),
        Listening(pts=at(2.5), agent="bob", on=False, item=f"item_{ids * 21}", at=at(2.4)),
        ResponseStarted(pts=at(2.5), **one),
        Saying(pts=at(2.5), text=words, **one),
        ResponseDone(pts=at(2.6), status="completed", text=words, **one),
        Warned(pts=at(2.6), agent="bob", code="late", message=f"resp_{ids * 21} came late"),
        *voice("bob", "said", 3 + shift, 4),
        turn(2, "bob", 3, 4, words, response=one["response"]),
        RunEnded(pts=at(5), outcome="ended", reason="turns", exit_code=0),
    ]


@pytest.mark.parametrize("timed", [True, False])
def test_a_log_is_equal_to_itself(timed: bool) -> None:  # noqa: FBT001
    assert first_divergence(call(), call(), timed=timed) is None


def test_logs_that_differ_in_their_ids_alone_are_equal() -> None:
    assert first_divergence(log(ids="a"), log(ids="b"), timed=True) is None


def test_ids_that_join_other_events_differ() -> None:
    mine, theirs = log(), log()
    theirs[-2] = replace(theirs[-2], response=f"resp_{'a' * 20}x")
    found = first_divergence(mine, theirs, timed=True)
    assert found is not None
    assert found.what == "detail"
    assert found.common == len(mine) - 2


def test_the_first_other_word_is_found_with_both_replies_in_full() -> None:
    found = first_divergence(log(), log(words="I am so sorry."), timed=True)
    assert found is not None
    assert (found.what, found.a.words, found.b.words) == ("words", "I am sorry.", "I am so sorry.")
    assert found.a.type == "saying"
    assert found.cause == ("words", "bob: I am sorry.", "bob: I am so sorry.")


def test_the_same_at_another_time_is_told_as_such() -> None:
    found = first_divergence(log(), log(shift=0.25), timed=True)
    assert found is not None
    assert (found.what, found.a.at, found.b.at) == ("time", 3.0, 3.25)
    assert found.a.words == "I am sorry."


def test_times_and_what_was_heard_do_not_count_where_a_clock_on_the_wall_timed_the_run() -> None:
    mine = [*log(), heard("alice", "bob", 3, 4, "I am sorry")]
    theirs = [*log(shift=0.25), heard("alice", "bob", 3, 4, "I'm sorry")]
    assert first_divergence(mine, theirs, timed=False) is None
    assert first_divergence(log(), log(words="No."), timed=False) is not None


def test_another_kind_of_event_is_told_as_such() -> None:
    mine = log()
    fault = Fault(pts=at(5), agent="bob", error="E: 1", traceback="t", action="end")
    found = first_divergence(mine, [*mine[:-1], fault, mine[-1]], timed=True)
    assert found is not None
    assert (found.what, found.a.type, found.b.type) == ("event", "run_ended", "fault")


def test_a_run_that_has_nothing_more_is_told_as_such() -> None:
    found = first_divergence(log()[:-1], log(), timed=True)
    assert found is not None
    assert (found.what, found.a, found.b.type) == ("length", None, "run_ended")


def test_seed_name_wire_and_traceback_are_not_compared() -> None:
    fault = Fault(pts=at(5), agent="bob", error="E: 1", traceback="a.py:1", action="end")
    mine = [started(seed=1, scenario="a", title="x"), fault]
    theirs = [
        started(seed=2, scenario="b", title="y"),
        Wire(pts=0, agent="bob", sent=True, event={"type": "session.update"}),
        replace(fault, traceback="b.py:2"),
    ]
    assert first_divergence(mine, theirs, timed=True) is None


def test_another_cast_differs_in_the_first_event() -> None:
    found = first_divergence([started()], [started(agents=("alice", "eve"))], timed=True)
    assert found is not None
    assert (found.common, found.what) == (0, "event")
