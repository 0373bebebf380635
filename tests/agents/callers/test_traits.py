from __future__ import annotations

import random

import pytest
from pydantic import ValidationError

from soundstage.units import FRAME_SAMPLES, samples_of_seconds
from soundstage_agents.callers.traits import SMALL_TALK, Listener, Temper, Traits

LINE = "It is order 12, and i want to send it back to Paris."


def temper(**traits: object) -> Temper:
    streams: dict[str, random.Random] = {}
    return Temper(
        Traits.model_validate(traits),
        lambda purpose: streams.setdefault(purpose, random.Random(purpose)),
    )


def heard(listener: Listener, seconds: float, begin: float = 0.0) -> None:
    for frame in range(round(seconds * 50)):
        listener.heard(samples_of_seconds(begin) + frame * FRAME_SAMPLES)


def test_a_caller_without_traits_says_its_lines_as_they_are() -> None:
    plain = temper()
    assert plain.spoken(LINE) == LINE
    assert (plain.pause(), plain.breaks_in(), plain.backchannel()) == (None, None, "")
    assert not plain.asks_again()


def test_fillers_stand_between_small_words_only() -> None:
    said = temper(hesitation="100%").spoken(LINE)
    assert "order 12, " in said
    assert said.count(",") > 10
    assert "to Paris." in said


def test_small_talk_follows_the_line_and_repeats_nothing() -> None:
    said = temper(talkativeness=8).spoken("Yes.")
    assert said.startswith("Yes. ")
    assert all(said.count(each) == 1 for each in SMALL_TALK)


def test_it_asks_at_most_twice_in_a_row() -> None:
    deaf = temper(asks_again="100%")
    assert [deaf.asks_again() for _ in range(6)] == [True, True, False, True, True, False]


def test_a_caller_with_a_perfect_memory_looks_nothing_up() -> None:
    assert [temper().looks_up() for _ in range(4)] == [None] * 4


def test_a_worse_memory_forgets_the_same_lines_and_more() -> None:
    good, bad = temper(memory="80%"), temper(memory="30%")
    forgot = [(good.looks_up(), bad.looks_up()) for _ in range(200)]
    assert all(worse == better for better, worse in forgot if better is not None)
    assert 20 <= sum(better is not None for better, _ in forgot) <= 60
    times = [worse for _, worse in forgot if worse is not None]
    assert 120 <= len(times) <= 160
    assert samples_of_seconds(2) <= min(times) < max(times) <= samples_of_seconds(6)


def test_one_trait_draws_from_no_stream_of_another() -> None:
    calm, busy = temper(hesitation="30%"), temper(hesitation="30%", interrupts="100%")
    busy.breaks_in()
    assert calm.spoken(LINE) == busy.spoken(LINE)


def test_a_turn_is_interrupted_once_and_only_while_it_lasts() -> None:
    listener = Listener(temper(interrupts="100%"))
    heard(listener, 4)
    now = samples_of_seconds(4)
    assert listener.interrupts(now)
    assert not listener.interrupts(now + FRAME_SAMPLES)
    heard(listener, 0.5, begin=10)
    assert not listener.interrupts(samples_of_seconds(12))


def test_a_backchannel_comes_after_three_seconds_and_not_after_the_turn() -> None:
    listener = Listener(temper(backchannels="100%"))
    heard(listener, 2.9)
    assert listener.take_backchannel(samples_of_seconds(2.9)) == ""
    heard(listener, 0.2, begin=2.9)
    late = Listener(temper(backchannels="100%"))
    heard(late, 3.1)
    assert late.take_backchannel(samples_of_seconds(4)) == ""
    assert listener.take_backchannel(samples_of_seconds(3.1)) != ""


@pytest.mark.parametrize(
    "traits", [{"speed": 3}, {"talkativeness": 9}, {"hesitation": "101%"}, {"patience": 5}]
)
def test_a_trait_out_of_its_range_is_refused(traits: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Traits.model_validate(traits)
