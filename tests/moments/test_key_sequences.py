"""Rows of keys are found among the keys that were heard."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from soundstage.config.values import Moment
from soundstage.messages.events import Dtmf, Event, VoiceStarted
from soundstage.moments import KeySequence, MomentMatcher

SECOND = 24_000


def row(keys: str, start: float = 0.0, agent: str = "ann", by: str = "ivr") -> list[Dtmf]:
    """Keys that are pressed 0.2 s after one another."""
    return [
        Dtmf(pts=round((start + 0.2 * place) * SECOND), agent=agent, key=key, by=by)
        for place, key in enumerate(keys)
    ]


def found(sequence: KeySequence, *heard: Event) -> list[tuple[str, float, dict[str, str]]]:
    rows = [each for key in heard if (each := sequence.observe(key)) is not None]
    return [(each.keys, each.start / SECOND, dict(each.slots)) for each in rows]


def test_a_row_is_found_each_time_that_its_last_key_comes():
    assert found(KeySequence("5#"), *row("5#1"), *row("5#", 9)) == [("5#", 0, {}), ("5#", 9, {})]


def test_a_row_is_found_from_its_first_key_on():
    assert found(KeySequence("1"), *row("4711")) == []
    assert found(KeySequence("4711#"), *row("94711#")) == []
    assert found(KeySequence("{n}#"), *row("*5#")) == []
    assert found(KeySequence("1"), *row("4711"), *row("1", 9)) == [("1", 9, {})]


def test_a_row_is_found_at_once_whatever_follows():
    assert found(KeySequence("1"), *row("12#")) == [("1", 0, {})]


def test_a_row_that_is_longer_than_any_pattern_is_found_no_more():
    long = [key for part in range(11) for key in row("1234567890", 2.0 * part)]
    assert found(KeySequence("{n}#"), *long, *row("#", 22)) == []
    assert found(KeySequence("{n}#"), *long[:99], *row("#", 19.8))[0][2] == {
        "n": ("1234567890" * 10)[:99]
    }


def test_a_key_belongs_to_one_row_only():
    assert len(found(KeySequence("11"), *row("111"))) == 1
    assert len(found(KeySequence("11"), *row("1111"))) == 2


def test_a_slot_takes_all_digits_up_to_the_key_that_ends_it():
    assert found(KeySequence("{pin}#"), *row("4711#")) == [("4711#", 0, {"pin": "4711"})]
    assert found(KeySequence("*{a}*{b}#"), *row("*1*22#")) == [("*1*22#", 0, {"a": "1", "b": "22"})]
    assert found(KeySequence("{pin}#"), *row("#")) == []


def test_after_three_seconds_a_row_begins_anew():
    assert found(KeySequence("12"), *row("1"), *row("2", 3)) == [("12", 0, {})]
    assert found(KeySequence("12"), *row("1"), *row("2", 3.1)) == []


def test_a_row_begins_anew_when_its_hearer_speaks():
    answer = VoiceStarted(pts=SECOND // 2, agent="ivr", track="said")
    other = VoiceStarted(pts=SECOND // 2, agent="ann", track="said")
    assert found(KeySequence("{n}#"), *row("5"), answer, *row("12#", 1)) == [
        ("12#", 1, {"n": "12"})
    ]
    assert found(KeySequence("{n}#"), *row("5"), other, *row("12#", 1)) == [
        ("512#", 0, {"n": "512"})
    ]


def test_rows_of_two_agents_do_not_mix():
    keys = sorted([*row("12", 0, "ann"), *row("12", 0.1, "ben")], key=lambda key: key.pts)
    assert len(found(KeySequence("12"), *keys)) == 2
    assert len(found(KeySequence("12", agent="ben"), *keys)) == 1


def test_keys_that_two_agents_hear_count_once_and_for_each_where_it_is_named():
    keys = sorted([*row("12", 0), *row("12", 0.03, by="bob")], key=lambda key: key.pts)
    assert len(found(KeySequence("12"), *keys)) == 1
    assert len(found(KeySequence("12", by="bob"), *keys)) == 1


def test_the_matcher_counts_rows_and_single_keys():
    watch = MomentMatcher(
        [
            Moment.model_validate({"keys": "{order}#", "agent": "ann"}),
            Moment.model_validate({"event": "dtmf"}),
            Moment.model_validate({"keys": "2", "agent": "ben"}),
        ]
    )
    happenings = [each for key in row("12#") for each in watch.observe(key)]
    assert [(each.place, each.times) for each in happenings] == [(1, 1), (1, 2), (1, 3), (0, 1)]
    assert happenings[3].slots == {"order": "12"}
    assert happenings[2].slots == {"key": "#", "by": "ivr"}


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("5x", "no row of keys"),
        ("", "too short|at least 1"),
        ("{pin}", "the key that ends it"),
        ("{pin}1", "the key that ends it"),
        ("{1}#", "no row of keys"),
    ],
)
def test_what_is_no_row_of_keys_is_refused(written: str, reason: str):
    with pytest.raises(ValidationError, match=reason):
        Moment.model_validate({"keys": written})
