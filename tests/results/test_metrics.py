from __future__ import annotations

import math
from pathlib import Path

import msgspec
import pytest
from dummy_run import at, call, spoken, started, turn, voice
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from soundstage.messages.events import Audio, Carried, Interrupted, Reconnected, RunEnded
from soundstage.results import Frames, History, measure, spread

GOLDEN = Path(__file__).with_name("golden") / "metrics.json"


def measured(*log, **setting):
    return measure(History([started(**setting), *log]))


def ended(seconds: float) -> RunEnded:
    return RunEnded(pts=at(seconds), outcome="ended", reason="turns", exit_code=0)


def test_a_call_is_measured_as_it_should_be():
    found = msgspec.json.decode(msgspec.json.encode(measure(History(call()))))
    assert found == msgspec.json.decode(GOLDEN.read_bytes())


def test_talk_time_is_what_was_audible_and_that_of_the_run_is_their_sum():
    found = measured(*spoken("alice", "bob", 1, 3), *spoken("bob", "alice", 2, 5), ended(10))
    assert [found.agents[name].talk_time for name in ("alice", "bob")] == [2, 3]
    assert found.run.talk_time == 5


def test_silence_is_when_neither_the_agent_nor_anyone_it_hears_was_audible():
    found = measured(
        *voice("alice", "said", 1, 3),
        *voice("bob", "said", 2, 5),
        ended(10),
        hears={"bob": ("alice",)},
    )
    assert found.agents["alice"].silence == 8
    assert found.agents["bob"].silence == 6
    assert found.run.silence == 6


def test_sound_beyond_the_end_of_the_run_does_not_make_silence_negative():
    assert measured(*voice("alice", "said", 0, 12), ended(10)).run.silence == 0


def test_agents_who_do_not_hear_each_other_do_not_overlap():
    both = [*voice("alice", "said", 1, 3), *voice("bob", "said", 2, 5), ended(10)]
    assert measured(*both, hears={}).run.overlap == 0
    found = measured(*both, hears={"bob": ("alice",)})
    assert [found.run.overlap, *(found.agents[n].overlap for n in ("alice", "bob"))] == [1, 1, 1]


def test_the_overlap_of_three_is_counted_once():
    names = ("alice", "bob", "cleo")
    hears = {name: tuple(other for other in names if other != name) for name in names}
    log = [event for name in names for event in voice(name, "said", 1, 2)]
    assert measured(*log, ended(3), agents=names, hears=hears).run.overlap == 1


def test_the_pace_of_speech_is_in_words_for_each_minute_of_talk():
    found = measured(
        *voice("alice", "said", 0, 30), turn(1, "alice", 0, 30, "one two three"), ended(60)
    )
    assert found.agents["alice"].words_per_minute == 6
    assert math.isnan(found.agents["bob"].words_per_minute)


def test_words_that_were_cut_off_are_not_counted():
    found = measured(turn(1, "alice", 0, 1, "", said="one", generated="one two", cut_by="bob"))
    assert found.agents["alice"].words == 1


def test_a_gap_belongs_to_the_one_who_answers_and_early_starts_are_not_gaps():
    found = measure(History(call()))
    assert found.agents["alice"].response_gap.count == 0
    assert found.agents["bob"].response_gap.count == found.run.response_gap.count == 2


def test_an_interruption_by_a_cue_is_suffered_and_made_by_no_agent():
    found = measured(Interrupted(pts=at(1), agent="bob", by="cue", response="r"), ended(2))
    assert found.run.interruptions_suffered == found.agents["bob"].interruptions_suffered == 1
    assert found.run.interruptions_made == 0


def test_who_interrupts_whom_is_counted_for_both_and_once_for_the_run():
    cuts = [("bob", "alice"), ("bob", "alice"), ("alice", "bob")]
    found = measured(
        *(
            Interrupted(pts=at(n), agent=a, by=by, response=f"r{n}")
            for n, (a, by) in enumerate(cuts)
        ),
        ended(4),
    )
    each = {
        name: (found.agents[name].interruptions_made, found.agents[name].interruptions_suffered)
        for name in ("alice", "bob")
    }
    assert each == {"alice": (2, 1), "bob": (1, 2)}
    assert (found.run.interruptions_made, found.run.interruptions_suffered) == (3, 3)


def test_turns_are_counted_for_who_took_them():
    log = [turn(1, "alice", 0, 1, "one"), turn(2, "bob", 2, 3, "two"), turn(3, "alice", 4, 5, "a")]
    found = measured(*log, ended(6))
    assert [found.agents[name].turns for name in ("alice", "bob")] == [2, 1]
    assert found.run.turns == 3


def test_the_time_to_silence_ends_with_the_last_sample_of_what_was_cut():
    found = measured(
        *voice("bob", "said", 1, 4.25),
        Interrupted(pts=at(4), agent="bob", by="alice", response="r"),
        *voice("bob", "said", 6, 7),
        Interrupted(pts=at(5), agent="bob", by="alice", response="s"),
        ended(8),
    )
    assert found.agents["bob"].time_to_silence.count == 2
    assert found.agents["bob"].time_to_silence.median == 0.125


def cut(seconds: float, agent: str, by: str, response: str) -> Interrupted:
    return Interrupted(pts=at(seconds), agent=agent, by=by, response=response)


def test_the_time_to_silence_begins_with_the_first_sample_of_what_interrupts():
    found = measured(
        *voice("bob", "said", 1, 6.98),
        *voice("alice", "said", 6.4, 9),
        cut(6.96, "bob", "alice", "r"),
        ended(10),
    )
    assert found.agents["bob"].time_to_silence.median == 0.58
    assert found.agents["bob"].false_yields == 0


def test_words_that_follow_at_once_do_not_belong_to_what_was_cut():
    found = measured(
        *voice("bob", "said", 1, 8),
        *voice("alice", "said", 4, 6),
        cut(4.5, "bob", "alice", "resp_1"),
        turn(1, "bob", 1, 4.75, "one", generated="one two"),
        turn(2, "bob", 4.9, 8, "two"),
        ended(10),
    )
    assert found.agents["bob"].time_to_silence.median == 0.75


def test_an_agent_that_stops_for_a_short_sound_yields_falsely():
    log = [*voice("bob", "said", 1, 4.5), *voice("alice", "said", 4, 4.4), ended(8)]
    found = measured(*log, cut(4.3, "bob", "alice", "r"))
    assert (found.agents["bob"].false_yields, found.agents["alice"].false_yields) == (1, 0)


def test_who_begins_later_talks_over():
    found = measured(*voice("bob", "said", 1, 4), *voice("alice", "said", 3, 6), ended(8))
    assert [found.agents[name].talk_over for name in ("alice", "bob")] == [1, 0]
    assert [found.agents[name].talk_share for name in ("alice", "bob")] == [0.5, 0.5]


def test_only_long_silences_are_dead_air():
    found = measured(*voice("bob", "said", 1, 4), *voice("alice", "said", 5.5, 6), ended(9))
    assert found.run.dead_air == 3


def test_a_turn_is_unanswered_where_no_listener_speaks_for_two_seconds():
    log = [
        *voice("bob", "said", 0, 1),
        turn(1, "bob", 0, 1, "one"),
        turn(2, "bob", 4, 5, "two"),
        *voice("bob", "said", 4, 5),
        *voice("alice", "said", 6, 7),
        turn(3, "alice", 6, 7, "yes"),
    ]
    assert measured(*log, ended(8)).agents["bob"].unanswered == 1
    assert measured(*log, ended(8)).agents["alice"].unanswered == 0
    assert measured(*log, ended(10)).agents["alice"].unanswered == 1


def test_the_ports_of_an_agent_that_was_restarted_add_up():
    port = Audio(pts=0, agent="bob", sent=1, heard=2, dropped=3, concealed=4, late=5)
    assert measured(port, port).agents["bob"].frames == Frames(2, 4, 6, 8, 10)
    assert measured(port).agents["alice"].frames == Frames()


def test_what_the_mixer_lost_or_made_up_counts_too():
    port = Audio(pts=0, agent="bob", sent=9, heard=9, dropped=1, concealed=1, late=1)
    mixed = Carried(pts=0, agent="bob", missing=10, late=20, dropped=30, wrong=40, limited=50)
    found = measured(port, mixed, replace(mixed, agent="alice"))
    assert found.agents["bob"].frames == Frames(9, 9, 71, 11, 21, 50)
    assert found.run.frames == Frames(9, 9, 141, 21, 41, 100)


def test_where_nothing_was_measured_the_spread_is_not_a_number():
    found = measured().run.response_gap
    assert found.count == 0
    assert math.isnan(found.median)
    assert not found.p95 <= 0.9


@given(times=st.lists(st.floats(0, 100), min_size=1, max_size=30))
def test_the_median_is_in_the_middle_and_the_95th_percentile_not_below_it(times):
    found = spread(times)
    assert min(times) - 1e-6 <= found.median <= found.p95 + 1e-6 <= max(times) + 2e-6
    assert sum(time <= found.median + 1e-6 for time in times) * 2 >= len(times)


def test_percentiles_are_interpolated_linearly():
    found = spread([3.0, 1.0, 2.0, 4.0])
    assert (found.median, found.p95) == (2.5, pytest.approx(3.85))


def test_reconnects_are_counted_and_their_gaps_are_spread():
    again = [
        Reconnected(pts=at(second), agent=agent, gap=at(gap), attempts=1)
        for second, agent, gap in ((2, "alice", 0.5), (4, "alice", 1.5), (6, "bob", 1.0))
    ]
    found = measured(*again, ended(10))
    assert (found.agents["alice"].reconnects, found.agents["bob"].reconnects) == (2, 1)
    assert found.agents["alice"].reconnect_gap == spread([0.5, 1.5])
    assert (found.run.reconnects, found.run.reconnect_gap.median) == (3, 1.0)
