"""The floor, without actors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from soundstage.floor import Addressed, Floor, FloorPolicy, FloorSetup, Moderator, RoundRobin
from soundstage.floor.floor_state import (
    QUIET_WITHIN,
    REST,
    SETTLES_WITHIN,
    STARTS_WITHIN,
    Give,
    PolicyFailed,
    Take,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from soundstage.floor import FloorTurn
    from soundstage.floor.floor_state import Step

PANEL = ("chair", "ada", "ben", "cleo")


class Broken(FloorPolicy):
    def choose(self, turn: FloorTurn) -> str | None:
        raise LookupError("no idea")


def floor_of(
    policy: type[FloorPolicy], *, present: Iterable[str] = PANEL, **given: object
) -> Floor:
    setup = FloorSetup(members=PANEL, moderator="chair" if policy is Moderator else "")
    floor = Floor(policy(setup), **given)
    for name in present:
        floor.join(name, 0)
    return floor


def given(steps: Iterable[Step]) -> list[tuple[str, str]]:
    return [(step.to, step.why) for step in steps if isinstance(step, Give)]


def turn(floor: Floor, words: str, now: int = 0, *, to: str = "") -> list[Step]:
    name = floor.holder
    assert name is not None
    floor.starts(name, now)
    floor.says(name, words, now)
    floor.stops(name, now)
    return floor.passes(name, to, now)


def test_round_robin_goes_by_declaration_and_starts_again() -> None:
    floor = floor_of(RoundRobin)
    assert given(floor.begin(0)) == [("chair", "opening")]
    order = [given(turn(floor, "Well.")) for _ in range(4)]
    assert order == [[(name, "chosen")] for name in ("ada", "ben", "cleo", "chair")]


def test_who_has_an_opening_opens() -> None:
    floor = Floor(RoundRobin(FloorSetup(members=PANEL, openers=("ben",))))
    for name in PANEL:
        floor.join(name, 0)
    assert given(floor.begin(0)) == [("ben", "opening")]


def test_a_moderator_passes_by_name_and_gets_the_floor_back() -> None:
    floor = floor_of(Moderator)
    assert given(floor.begin(0)) == [("chair", "opening")]
    assert given(turn(floor, "Welcome. Ben, should it cost?")) == [("ben", "chosen")]
    assert given(turn(floor, "Never, and Ada knows.")) == [("chair", "chosen")]


def test_a_moderator_passes_with_the_tool_whatever_its_words_name() -> None:
    floor = floor_of(Moderator)
    floor.begin(0)
    assert given(turn(floor, "Thank you, Ben.", to="cleo")) == [("cleo", "passed")]


@pytest.mark.parametrize("words", ["", "Well.", "I am the chair.", "Dora, please."])
def test_a_moderator_that_names_no_member_or_itself_does_not_stop_the_room(words: str) -> None:
    floor = floor_of(Moderator)
    floor.begin(0)
    assert given(turn(floor, words)) == [("ada", "fallback")]
    turn(floor, "Yes.")
    assert given(turn(floor, words)) == [("ben", "fallback")]


def test_a_fallback_may_be_a_member() -> None:
    floor = floor_of(Addressed, fallback="cleo")
    floor.begin(0)
    assert given(turn(floor, "Well.")) == [("cleo", "fallback")]
    assert given(turn(floor, "Well.")) == [("chair", "fallback")]


def test_the_member_that_is_addressed_speaks_next() -> None:
    floor = floor_of(Addressed)
    floor.begin(0)
    assert given(turn(floor, "What would Ben say?")) == [("ben", "chosen")]


def test_a_member_that_does_not_start_loses_the_floor_to_the_fallback() -> None:
    floor = floor_of(RoundRobin)
    floor.begin(0)
    assert floor.check(STARTS_WITHIN - 1) == []
    assert floor.check(STARTS_WITHIN) == [Take("chair", "late")]
    assert given(floor.passes("chair", "", STARTS_WITHIN)) == [("ada", "fallback")]


def test_a_member_that_does_not_even_give_the_floor_back_does_not_stop_the_room() -> None:
    floor = floor_of(RoundRobin)
    floor.begin(0)
    floor.check(STARTS_WITHIN)
    assert given(floor.check(STARTS_WITHIN + SETTLES_WITHIN)) == [("ada", "fallback")]


def test_a_turn_has_its_longest_time() -> None:
    floor = floor_of(RoundRobin, max_turn=1000)
    floor.begin(0)
    floor.starts("chair", 50)
    assert floor.due == 1050
    assert floor.check(1050) == [Take("chair", "max_turn")]


def test_no_member_is_given_the_floor_while_another_one_speaks() -> None:
    floor = floor_of(RoundRobin)
    floor.begin(0)
    floor.starts("cleo", 0)
    assert turn(floor, "Well.") == []
    assert given(floor.stops("cleo", 10)) == [("ada", "chosen")]


def test_who_speaks_without_known_words_is_answered_after_them_all_the_same() -> None:
    floor = floor_of(RoundRobin)
    floor.begin(0)
    floor.starts("chair", 10)
    floor.stops("chair", 100, 60)
    [give] = floor.passes("chair", "", 110)
    assert give == Give("ada", "chosen", "chair", 60)


def test_a_member_that_never_falls_silent_does_not_stop_the_room() -> None:
    floor = floor_of(RoundRobin)
    floor.begin(0)
    floor.starts("cleo", 0)
    turn(floor, "Well.")
    assert given(floor.check(QUIET_WITHIN)) == [("ada", "chosen")]


def test_the_floor_goes_on_when_its_holder_leaves() -> None:
    floor = floor_of(RoundRobin)
    floor.begin(0)
    take, give = floor.leave("chair", 0)
    assert take == Take("chair", "left")
    assert given([give]) == [("ada", "chosen")]


def test_a_room_rests_when_no_member_has_anything_to_say_and_is_asked_again_later() -> None:
    floor = floor_of(RoundRobin)
    steps = floor.begin(0)
    while floor.holder:
        steps = floor.passes(floor.holder, "", 0)
    assert steps == []
    assert floor.due == REST
    assert given(floor.check(REST)) == [("chair", "chosen")]
    while floor.holder:
        floor.passes(floor.holder, "", REST)
    assert floor.due == 3 * REST


def test_who_wants_the_floor_is_next_and_at_once_in_a_room_that_rests() -> None:
    floor = floor_of(RoundRobin)
    floor.begin(0)
    floor.wants("cleo", 0)
    assert given(turn(floor, "Well.")) == [("cleo", "wanted")]
    while floor.holder:
        floor.passes(floor.holder, "", 0)
    assert given(floor.wants("ben", 0)) == [("ben", "wanted")]


def test_a_room_of_one_waits_for_another() -> None:
    floor = floor_of(RoundRobin, present=("ada",))
    assert floor.begin(0) == []
    assert given(floor.join("ben", 5)) == [("ada", "opening")]


def test_a_grant_says_whose_words_it_answers() -> None:
    floor = floor_of(RoundRobin)
    floor.begin(0)
    [give] = turn(floor, "Well.", now=700)
    assert isinstance(give, Give)
    assert (give.after, give.ended) == ("chair", 700)


def test_a_policy_that_fails_is_reported_and_does_not_stop_the_room() -> None:
    floor = floor_of(Broken)
    failed, give = floor.begin(0)
    assert isinstance(failed, PolicyFailed)
    assert repr(failed.error) == "LookupError('no idea')"
    assert given([give]) == [("chair", "fallback")]


def test_no_member_is_given_the_floor_once_the_run_is_about_to_end() -> None:
    floor = floor_of(RoundRobin)
    floor.begin(0)
    floor.end()
    assert turn(floor, "Well.") == []


class AnyRoom(RuleBasedStateMachine):
    """Members that do anything at any time, under each policy."""

    policy: type[FloorPolicy] = RoundRobin

    def __init__(self) -> None:
        super().__init__()
        self.now = 0
        self.floor = floor_of(self.policy, present=(), max_turn=100_000)
        self.here: set[str] = set()
        self.held: str | None = None
        self.take(self.floor.begin(0))

    def take(self, steps: list[Step]) -> None:
        """At most one has the floor: it is given only after it was passed on or taken."""
        for step in steps:
            if isinstance(step, Give):
                assert self.held is None
                assert step.to in self.here
                self.held = step.to
            elif isinstance(step, Take) and step.why == "left":
                assert self.held == step.agent
                self.held = None

    @rule(name=st.sampled_from(PANEL))
    def join(self, name: str) -> None:
        self.here.add(name)
        self.take(self.floor.join(name, self.now))

    @rule(name=st.sampled_from(PANEL))
    def leave(self, name: str) -> None:
        self.here.discard(name)
        self.take(self.floor.leave(name, self.now))

    @rule(name=st.sampled_from(PANEL))
    def start(self, name: str) -> None:
        if name in self.here:
            self.take(self.floor.starts(name, self.now))

    @rule(name=st.sampled_from(PANEL))
    def stop(self, name: str) -> None:
        self.take(self.floor.stops(name, self.now))

    @rule(name=st.sampled_from(PANEL), words=st.sampled_from(["", "Ben?", "Yes.", "Chair, Eve."]))
    def say(self, name: str, words: str) -> None:
        self.take(self.floor.says(name, words, self.now))

    @rule(name=st.sampled_from(PANEL), to=st.sampled_from(["", "eve", *PANEL]))
    def pass_on(self, name: str, to: str) -> None:
        if name == self.held:
            self.held = None
        self.take(self.floor.passes(name, to, self.now))

    @rule(name=st.sampled_from(PANEL))
    def want(self, name: str) -> None:
        self.take(self.floor.wants(name, self.now))

    @rule(passing=st.integers(1, 3 * STARTS_WITHIN))
    def wait(self, passing: int) -> None:
        self.now += passing
        self.check()

    def check(self) -> None:
        settles = self.floor._losing and self.floor.due is not None and self.now >= self.floor.due
        if settles:
            self.held = None
        self.take(self.floor.check(self.now))

    @invariant()
    def the_floor_and_its_members_agree(self) -> None:
        assert self.floor.holder == self.held

    @precondition(lambda self: len(self.here) >= 2)
    @rule()
    def there_is_always_progress(self) -> None:
        """Whatever has happened: if no member does anything from now on, one is asked."""
        asked: set[str] = set()
        for _ in range(60):
            due = self.floor.due
            assert due is not None or self.floor.holder in self.floor._speaking
            if due is None:
                return
            self.now = max(self.now, due)
            self.check()
            if self.held is not None:
                asked.add(self.held)
            if asked == self.here:
                return
        raise AssertionError(f"of {self.here} only {asked} were asked")


class AnyPanel(AnyRoom):
    policy = Moderator


class AnyTalk(AnyRoom):
    policy = Addressed


class AnyMess(AnyRoom):
    policy = Broken


def _case(machine: type[AnyRoom]) -> type:
    machine.TestCase.settings = settings(
        max_examples=40, stateful_step_count=30, deadline=None, derandomize=True
    )
    return machine.TestCase


TestRoundRobin = _case(AnyRoom)
TestModerator = _case(AnyPanel)
TestAddressed = _case(AnyTalk)
TestBrokenPolicy = _case(AnyMess)
