"""Which agents take part, and whose words are waited for; without a clock or an actor."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from soundstage.messages import events
from soundstage.run.attendance import Attendance

HEARS = {"ann": ("ben",), "ben": ("ann",), "cat": ("ann",)}


def attendance(*here: str, recognizers: frozenset[str] | None = None) -> Attendance:
    made = Attendance(("ann", "ben", "cat"), HEARS, recognizers)
    for name in here:
        made.arrive(name)
    return made


def turn(agent: str) -> events.Turn:
    return events.Turn(
        pts=0, agent=agent, number=1, response="r", start=0, end=1, generated="hi", said="hi"
    )


def heard(listener: str, speaker: str) -> events.HeardText:
    return events.HeardText(pts=0, agent=listener, speaker=speaker, text="hi", start=0, end=1)


def test_a_run_is_complete_when_each_agent_has_come_or_comes_no_more() -> None:
    made = attendance("cat", "ann")
    assert not made.is_complete
    assert made.depart("ben")
    assert made.is_complete
    assert made.here == ["ann", "cat"]


def test_an_agent_that_is_restarted_still_takes_part_when_it_is_back() -> None:
    made = attendance("ann", "ben", "cat")
    made.pause("ben")
    assert made.here == ["ann", "cat"]
    made.arrive("ben")
    assert made.here == ["ann", "ben", "cat"]


@pytest.mark.parametrize(
    ("gone", "goes_on"),
    [(("cat",), True), (("ben",), True), (("ben", "cat"), False), (("ann",), False)],
)
def test_a_run_goes_on_while_an_agent_hears_another(gone: tuple[str, ...], goes_on) -> None:
    made = attendance("ann", "ben", "cat")
    for name in gone:
        made.depart(name)
    assert made.can_go_on is goes_on


def test_nobody_departs_twice() -> None:
    made = attendance("ann")
    assert made.depart("ann")
    assert not made.depart("ann")
    assert not made.depart("run.mixer")


def test_a_turn_is_waited_for_until_each_listener_has_written_it_down() -> None:
    made = attendance("ann", "ben", "cat")
    made.observe(turn("ann"))
    made.observe(heard("ben", "ann"))
    assert made.waits_for_words
    made.observe(heard("cat", "ann"))
    assert not made.waits_for_words


def test_a_turn_that_was_found_late_is_not_waited_for_where_it_was_written_down_before() -> None:
    made = attendance("ann", "ben")
    made.observe(heard("ben", "ann"))
    made.observe(replace(turn("ann"), response=""))
    assert not made.waits_for_words
    made.observe(replace(turn("ann"), response="", start=2))
    assert made.waits_for_words


def test_no_words_are_waited_for_of_an_agent_that_is_away_or_writes_nothing_down() -> None:
    made = attendance("ann", "cat", recognizers=frozenset({"ann", "ben"}))
    made.observe(turn("ann"))
    assert not made.waits_for_words
