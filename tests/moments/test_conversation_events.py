"""Interruptions, backchannels and handoffs are found in what several events say together."""

from __future__ import annotations

from soundstage.messages.events import (
    Entered,
    Event,
    Exited,
    FloorPassed,
    Interrupted,
    Joined,
    Left,
    RunStarted,
    VoiceStarted,
    VoiceStopped,
)
from soundstage.moments import ConversationEvents

SECOND = 24_000


def at(seconds: float) -> int:
    return round(seconds * SECOND)


def on(agent: str, when: float) -> Event:
    return VoiceStarted(pts=at(when), agent=agent, track="said")


def off(agent: str, when: float) -> Event:
    return VoiceStopped(pts=at(when), agent=agent, track="said")


def found(*log: Event) -> list[tuple[str, str, float, str]]:
    watch = ConversationEvents()
    start = RunStarted(
        pts=0, schema=2, scenario="", seed=0, clock="virtual", agents=("ann", "ben"), hears={}
    )
    both = (Joined(pts=0, agent="ann"), Joined(pts=0, agent="ben"))
    every = (each for event in (start, *both, *log) for each in watch.observe(event))
    return [(each.name, each.agent, each.pts / SECOND, each.other) for each in every]


def test_an_interruption_is_of_the_agent_that_interrupts():
    cut = Interrupted(pts=at(2), agent="ann", by="ben", response="r")
    assert found(cut) == [("interruption", "ben", 2.0, "ann")]
    assert found(Interrupted(pts=at(2), agent="ann", by="", response="r")) == []
    assert found(Interrupted(pts=at(2), agent="ann", by="ann", response="r")) == []


def test_a_short_sound_while_another_speaks_on_is_a_backchannel():
    log = (on("ann", 0), on("ben", 2), off("ben", 2.4), off("ann", 5))
    assert found(*log) == [("backchannel", "ben", 2.0, "ann")]


def test_a_sound_that_is_longer_or_that_stops_the_other_is_none():
    assert found(on("ann", 0), on("ben", 2), off("ben", 3), off("ann", 5)) == []
    assert found(on("ann", 0), on("ben", 2), off("ann", 2.2), off("ben", 2.4)) == []
    assert found(on("ben", 2), off("ben", 2.4)) == []
    cut = Interrupted(pts=at(2.2), agent="ann", by="ben", response="r")
    names = [each[0] for each in found(on("ann", 0), on("ben", 2), cut, off("ben", 2.4))]
    assert names == ["interruption"]


def test_giving_the_floor_by_name_is_a_handoff():
    assert found(FloorPassed(pts=at(1), agent="ann", to="ben")) == [("handoff", "ann", 1.0, "ben")]
    assert found(FloorPassed(pts=at(1), agent="ann")) == []


def test_one_that_goes_hands_over_to_one_that_comes():
    came = Entered(pts=at(6), agent="ben", room="call")
    gone = Exited(pts=at(7), agent="ann", room="call")
    talk = (on("ann", 0), off("ann", 5))
    assert found(*talk, came, gone) == [("handoff", "ann", 7.0, "ben")]
    left = Left(pts=at(5), agent="ann", reason="its own")
    assert found(*talk, left, came) == [("handoff", "ann", 6.0, "ben")]
    assert found(*talk, left, Entered(pts=at(11), agent="ben", room="call")) == []
    assert found(gone, came) == []
    assert found(*talk, gone, Entered(pts=at(8), agent="ann", room="call")) == []
