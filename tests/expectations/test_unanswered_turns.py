"""Whether the agents under test answered when it was theirs to answer."""

from __future__ import annotations

import pytest
from dummy_log import Log, at, demands

from soundstage.expectations import Cast, judge
from soundstage.messages import Verdict
from soundstage.messages.events import (
    CueGiven,
    Exited,
    FloorGiven,
    FloorPassed,
    FloorTaken,
    Left,
    ResponseDone,
    VoiceStarted,
    VoiceStopped,
)

THREE = ("caller", "ada", "ben")


def verdict(history, *, answerers=("support",), floored=(), openers=(), tested=None) -> Verdict:
    everyone = frozenset(history.agents)
    cast = Cast(
        under_test=everyone if tested is None else frozenset(tested),
        speakers=everyone,
        answerers=frozenset(answerers),
        openers=frozenset(openers),
        floored=frozenset(floored),
    )
    [found] = judge(demands(cast=cast, answers=True), history)
    return found


def test_an_answer_that_came_passes():
    log = Log().says("caller", 0, 1, "Hello?").says("support", 2, 3, "Hi.").ends(4)
    assert verdict(log).status == "passed"


def test_ten_seconds_of_silence_are_no_answer():
    log = Log().says("caller", 0, 1, "Hello?").says("support", 12, 13, "Hi.").ends(14)
    found = verdict(log)
    assert (found.status, found.kind, found.agent) == ("failed", "unanswered", "support")
    assert (found.pts, found.turn, found.measured, found.owner) == (at(1), 1, 11.0, "agent")


@pytest.mark.parametrize(
    ("end", "reason", "status"),
    [
        (4, "silence", "failed"),
        (4, "max", "failed"),
        (4, "turns", "skipped"),
        (2, "silence", "skipped"),
        (12, "turns", "failed"),
    ],
)
def test_a_call_that_ends_in_silence_is_dead(end, reason, status):
    assert verdict(Log().says("caller", 0, 1, "Hello?").ends(end, reason)).status == status


def test_a_farewell_needs_no_answer_from_an_agent_that_has_spoken():
    talk = Log().says("caller", 0, 1, "Hello?").says("support", 2, 3, "Hi.")
    bye = talk.says("caller", 4, 5, "I have all I need. Thank you, goodbye!")
    assert verdict(bye.ends(13, "silence")).status == "passed"
    assert verdict(Log().says("caller", 0, 1, "Goodbye!").ends(9, "silence")).status == "failed"


def test_the_time_in_which_the_caller_speaks_on_does_not_count():
    log = Log().says("caller", 0, 1, "Hello?").says("caller", 3, 12, "A long story.")
    assert verdict(log.says("support", 13, 14, "I see.").ends(15)).status == "passed"


def test_a_tool_that_is_slow_is_no_silence_of_the_agent():
    log = Log().says("caller", 0, 1, "Look it up.").calls("support", 2, "look", 12)
    assert verdict(log.says("support", 15, 16, "Found.").ends(17)).status == "passed"


def test_in_a_room_the_one_that_is_named_must_answer():
    log = Log(*THREE).says("caller", 0, 1, "What do you think, Ada?")
    named = verdict(log.ends(15), answerers=("ada", "ben"))
    assert (named.status, named.agent) == ("failed", "ada")
    unnamed = Log(*THREE).says("caller", 0, 1, "What do you think?").ends(15)
    assert verdict(unnamed, answerers=("ada", "ben")).status == "skipped"


def test_an_observer_is_expected_to_say_nothing():
    hears = {"caller": ("support",), "support": ("caller",), "guard": ("caller", "support")}
    log = Log("caller", "support", "guard", hears=hears)
    log.says("caller", 0, 1, "Hello?").says("support", 2, 3, "Hi.").says(
        "caller", 4, 5, "And then?"
    )
    assert verdict(log.ends(20), answerers=("guard", "support")).agent == "support"
    assert verdict(log.ends(20), answerers=("guard",)).status == "skipped"


def test_an_agent_that_has_left_owes_nothing():
    log = Log().add(Left(pts=at(0.5), agent="support", reason="its own"))
    assert verdict(log.says("caller", 0, 1, "Hello?").ends(15)).status == "skipped"
    out = Log().add(Exited(pts=0, agent="support", room="call")).says("caller", 0, 1, "Hello?")
    assert verdict(out.ends(15)).status == "skipped"


def test_nothing_is_owed_to_a_speaker_that_has_left():
    log = Log().says("caller", 0, 1, "Hello?").add(Left(pts=at(4), agent="caller", reason="own"))
    assert verdict(log.ends(15)).status == "skipped"
    late = Log().says("caller", 0, 1, "Hello?").add(Left(pts=at(13), agent="caller", reason="own"))
    assert verdict(late.ends(15)).status == "failed"


def test_an_agent_that_is_not_under_test_and_does_not_answer_is_the_simulators_failure():
    found = verdict(Log().says("caller", 0, 1, "Hello?").ends(15), tested=("caller",))
    assert (found.status, found.agent, found.owner) == ("failed", "support", "simulator")


def test_an_agent_to_which_nothing_was_audible_is_not_to_blame():
    ear = {"agent": "caller", "track": "heard"}
    log = Log().add(VoiceStarted(pts=0, **ear), VoiceStopped(pts=at(1), **ear))
    found = verdict(log.says("caller", 2, 3, "Hello?").ends(15))
    assert (found.status, found.owner) == ("failed", "simulator")
    muted = CueGiven(pts=at(1), agent="caller", cue=0, act="mute")
    log = Log().add(VoiceStarted(pts=0, **ear), VoiceStopped(pts=at(1), **ear), muted)
    assert verdict(log.says("caller", 2, 3, "Hello?").ends(15)).status == "skipped"


def test_what_never_came_is_the_fault_of_what_kept_the_answer_from_coming():
    failed = ResponseDone(
        pts=at(2), agent="support", response="r", status="failed", text="", reason="busy"
    )
    log = Log().says("caller", 0, 1, "Hello?").add(failed).ends(15)
    cast = Cast(
        under_test=frozenset({"support"}),
        speakers=frozenset(log.agents),
        answerers=frozenset({"support"}),
    )
    tables = ({"tool": "refund"}, {"agent": "caller", "never_said": "hello"})
    missing, forbidden, _ = judge(demands(*tables, cast=cast, answers=True), log)
    assert (missing.status, missing.owner) == ("failed", "infrastructure")
    assert "busy" in missing.sentence
    assert (forbidden.status, forbidden.owner) == ("failed", "simulator")


def test_with_a_floor_only_the_one_that_has_it_must_speak():
    def floor(agent: str, when: float) -> FloorGiven:
        return FloorGiven(pts=at(when), agent=agent, room="r", why="next")

    def room() -> Log:
        return Log(*THREE).says("caller", 0, 1, "Ada?")

    options = {"answerers": ("ada", "ben"), "floored": THREE}
    assert verdict(room().ends(20), **options).status == "skipped"
    silent = room().add(floor("ben", 2), FloorTaken(pts=at(14), agent="ben", room="r", why="late"))
    found = verdict(silent.ends(20), **options)
    assert (found.status, found.agent, found.pts) == ("failed", "ben", at(2))
    passed_on = room().add(floor("ben", 2), FloorPassed(pts=at(14), agent="ben"))
    assert verdict(passed_on.ends(20), **options).status == "skipped"
    spoke = room().add(floor("ben", 2)).says("ben", 3, 4, "Yes.")
    assert verdict(spoke.ends(20), **options).status == "passed"


def test_an_agent_that_was_to_speak_first_and_did_not_is_dead():
    assert verdict(Log().ends(12, "silence"), openers=("support",)).kind == "unanswered"
    assert verdict(Log().ends(12, "silence")).status == "skipped"


def test_sound_that_is_no_turn_asks_for_no_answer():
    log = Log().voice("caller", 0, 3).voice("caller", 4, 6).voice("caller", 9, 9.3)
    assert verdict(log.ends(30)).kind == "no_occasion"


def test_a_reply_that_its_service_did_not_make_is_the_infrastructures():
    log = (
        Log()
        .says("caller", 0, 1, "Hello?")
        .add(ResponseDone(pts=at(2), agent="support", response="r", status="failed", text=""))
    )
    found = verdict(log.ends(15))
    assert (found.kind, found.owner) == ("unanswered", "infrastructure")
